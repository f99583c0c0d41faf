"""What shows of a membership without a database: that a role is a member of itself, through others or at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.lint import Flaw, Lint
from sessionaudit.kinds.lint_rules import CONTRADICTION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.lint import Models
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.kinds.membership.model import Membership


def flaws(ref: ObjectRef, _membership: Membership, models: Models, _schema: str) -> Iterator[Flaw]:
    """A circle of memberships, which PostgreSQL rejects (0LP01)."""
    member, role = ref.path
    above: dict[str, set[str]] = {}
    for (one, other), stated in models["membership"].items():
        if stated is not None:
            above.setdefault(one, set()).add(other)
    reached, waiting = {role}, [role]
    while waiting:
        new = above.get(waiting.pop(), set()) - reached
        reached |= new
        waiting += new
    if member in reached:
        how = "itself" if member == role else f"{role}, which is a member of {member}"
        yield Flaw(CONTRADICTION, f"The role {member} is a member of {how}: PostgreSQL rejects one of the two.")


LINT = Lint(flaws=flaws)
