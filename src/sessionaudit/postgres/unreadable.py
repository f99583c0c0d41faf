"""Say of which objects nothing is known, as the role may not read their catalogs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.finding import Skipped
from sessionaudit.core.ref import ObjectRef
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.core.kind import Kind


def unreadable(kind: Kind[Any], hidden: Sequence[str], user: str) -> Skipped:
    """Return that the objects of a kind could not be read, and the grant that would help; `hidden` are catalogs."""
    names = ", ".join(f"pg_catalog.{name}" for name in hidden)
    hint = f"grant select on {names} to {quoted(user)};"
    return Skipped(kind.section, f"the role {user} may not read {names}", hint, about=(ObjectRef(kind.name, ()),))
