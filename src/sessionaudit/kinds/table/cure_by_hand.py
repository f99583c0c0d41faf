"""Another partition key, which a person must decide: every row moves to a new table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.cure import spare
from sessionaudit.core.printed_commands import CALLING
from sessionaudit.core.ref import dotted
from sessionaudit.kinds.table.partition_place import place_of
from sessionaudit.kinds.table.relation_kind import TABLES
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from sessionaudit.core.cure import Difference


def fill_anew(difference: Difference[Any]) -> str:
    """Say how the table is set aside, made from the contract and filled; "" where that is not what it takes."""
    new, old, table, on = difference.new, difference.old, difference.table, difference.on
    columns = {
        path[2]: column
        for path, column in difference.declared("column", table).items()
        if column is not None and column.generated is None and path in difference.present["column"]
    }
    if not columns or old.attached or not {old.kind, new.kind or "table"} <= set(TABLES):
        return ""
    aside = quoted(spare("aside", on))
    listed = ", ".join(map(quoted, columns))
    moved = (table, *(old.partitioning.partitions or ()))
    set_aside = [f"CREATE SCHEMA {aside};", *(f"ALTER TABLE {dotted(path)} SET SCHEMA {aside};" for path in moved)]
    fill = [
        f"INSERT INTO {on} ({listed}) OVERRIDING SYSTEM VALUE SELECT {listed} FROM {aside}.{quoted(table[1])};",
        *(
            f"SELECT setval(pg_get_serial_sequence({literal(on)}, {literal(name)}), max({quoted(name)})) FROM {on};"
            for name, column in columns.items()
            if column.serial or column.identity
        ),
    ]
    repair = CALLING.line("repair", "--apply")
    return (
        "Every row moves, so a person must decide. State in the contract all that the table is to keep; then, while "
        f"nobody writes to it: (1) {' '.join(set_aside)} (2) {repair} (3) {' '.join(fill)} "
        f"(4) DROP SCHEMA {aside} CASCADE; (5) {repair} once more, for what referred to the old table."
    )


def after_the_key(difference: Difference[Any]) -> str:
    """Say of bounds that the partition key of the parent comes first; "" where it does not."""
    place = place_of(difference.new)
    if place is None:
        return ""
    wanted, there = (of["table"].get(place.parent) for of in (difference.wanted, difference.present))
    if wanted is None or there is None or wanted.partitioning.key in {None, there.partitioning.key}:
        return ""
    return f"The partition key of {dotted(place.parent)} comes first."
