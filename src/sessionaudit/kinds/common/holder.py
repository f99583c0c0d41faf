"""What an object is on: a table of which sort, or a view, and its primary key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.ref import dotted

if TYPE_CHECKING:
    from sessionaudit.core.cure import Difference
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.ref import ObjectRef


def holder(difference: Difference[Any]) -> ObjectRef:
    """The table, or the view, that the object is on."""
    return difference.holder


def partitioned(difference: Difference[Any]) -> bool:
    """Whether the object is on a partitioned table, where PostgreSQL can do less without a strong lock."""
    return standing_on(difference) == "partitioned table"


def standing_on(difference: Difference[Any]) -> str:
    """Return what the object is on: `table`, `view` and so on; "" if the plan creates that first, empty."""
    there = difference.present[difference.holder.kind].get(difference.holder.path)
    return "" if there is None else str(there.kind)


def on_table(difference: Difference[Any]) -> bool:
    """Whether the object is on a table of any sort, not on a view or a foreign table."""
    return standing_on(difference) in {"", "table", "partitioned table"}


def key_of(difference: Difference[Any], alias: str, table: ObjectPath = ()) -> str:
    """Return the primary key of a table, if it has one column, for an obstacle's `key`; else null.

    The table is the difference's own, if it is not given. A key may be declared on a column that is missing yet.
    """
    path = table or difference.table
    for found in difference.of_table("key", path).values():
        if found.type == "primary key" and len(found.columns) == 1:
            there = (*path, found.columns[0]) in difference.present["column"]
            return f"{alias}.{dotted(found.columns)}" if there else "null"
    return "null"
