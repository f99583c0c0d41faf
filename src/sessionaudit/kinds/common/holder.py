"""What an object is on: a table of which sort, or a view, and its primary key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.ref import ObjectRef, dotted

if TYPE_CHECKING:
    from sessionaudit.core.cure import Difference


def holder(difference: Difference[Any]) -> ObjectRef:
    """The table that the object is on."""
    return ObjectRef("table", difference.table)


def partitioned(difference: Difference[Any]) -> bool:
    """Whether the object is on a partitioned table, where PostgreSQL can do less without a strong lock."""
    return standing_on(difference) == "partitioned table"


def standing_on(difference: Difference[Any]) -> str:
    """Return what the object is on: `table`, `view` and so on; "" if the plan creates that first, empty."""
    table = difference.present["table"].get(difference.table)
    return "" if table is None else str(table.kind)


def on_table(difference: Difference[Any]) -> bool:
    """Whether the object is on a table of any sort, not on a view or a foreign table."""
    return standing_on(difference) in {"", "table", "partitioned table"}


def key_of(difference: Difference[Any], alias: str) -> str:
    """Return the primary key of the table, if it has one column, for an obstacle's `key`; else null."""
    for found in difference.of_table("key", difference.table).values():
        if found.type == "primary key" and len(found.columns) == 1:
            there = (*difference.table, found.columns[0]) in difference.present["column"]
            return f"{alias}.{dotted(found.columns)}" if there else "null"
    return "null"
