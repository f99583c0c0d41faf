"""What shows of a policy without a database: that row security of its table is off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.finding import Severity
from sessionaudit.core.lint import Flaw, Lint
from sessionaudit.kinds.lint_rules import CONTRADICTION
from sessionaudit.kinds.table.model import OFF

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.lint import Models
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.kinds.policy.model import Policy


def flaws(ref: ObjectRef, _policy: Policy, models: Models, _schema: str) -> Iterator[Flaw]:
    """A policy of a table whose row security the contract wants disabled."""
    table = models["table"].get(ref.path[:2])
    if table is not None and table.row_security in OFF:
        yield Flaw(
            CONTRADICTION,
            f"The policy {ref.name} has no effect: the contract says that row security of {ref.parent} is "
            f"{table.row_security}.",
            severity=Severity.WARNING,
        )


LINT = Lint(flaws=flaws)
