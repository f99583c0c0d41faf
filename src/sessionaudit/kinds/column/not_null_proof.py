"""Whether NOT NULL is validated: PostgreSQL 18 can add it NOT VALID."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.kind import Attribute
from sessionaudit.kinds.foreign_key.kind import UNVALIDATED
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from sessionaudit.core.ref import ObjectRef


def message(ref: ObjectRef, _expected: Any, actual: Any) -> str:
    """Say that existing rows may hold nulls."""
    return (
        f"NOT NULL of the column {ref.dotted} ({quoted(actual.unproven)}) is not validated: existing rows may hold "
        "nulls."
    )


ATTRIBUTE: Attribute[Any] = Attribute(
    facet="validated",
    rule=UNVALIDATED,
    fields=("unproven",),
    show=lambda column: "not null not valid" if column.unproven else "not null",
    same=lambda expected, actual: not (expected.not_null and actual.unproven),
    message=message,
    unstated=lambda column: bool(column.unproven),
)
