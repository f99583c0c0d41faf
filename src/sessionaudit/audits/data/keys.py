"""Convert texts to primary keys in the server, for any type and search path.

A key is passed as text, spelled by the output function of its type. Only the server, which knows the type, decides
whether two keys are equal. The client compares two keys only if one session spelled both.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from sessionaudit.audits.data.catalogs import tables
from sessionaudit.core.query import spelled
from sessionaudit.sql.text import identifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg

    from sessionaudit.audits.data.queries import CatalogTable
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.postgres.connection import Connection

_SPECIAL = re.compile(r'["\\]')
# Rows of system catalogs are never undone, whatever a journal says.
_NOT_OURS = {"pg_catalog", "information_schema", "pg_toast"}


class Type(NamedTuple):
    """A type as SQL spells it under any search path, and whether its values are composite: arrays or rows."""

    name: str
    parted: bool

    def source(self, parameter: str) -> str:
        """Return the function that turns a list of texts into rows, so that composite values stay whole."""
        return f"pg_catalog.unnest(%({parameter})s::{'pg_catalog.text' if self.parted else self.name}[])"

    def value(self, column: str) -> str:
        """Return the expression that converts a column of such rows to the type."""
        return f"{column}::{self.name}" if self.parted else column


class Keyed(NamedTuple):
    """A table whose primary key is one column: the column, its type, and its equality operator."""

    path: ObjectPath
    column: str
    type: Type
    equal: str

    def given(self, parameter: str = "rows") -> str:
        """Return the FROM item `w (row, n)`: the keys of a list of texts, with their positions, from 1."""
        return f"{self.type.source(parameter)} with ordinality as w (row, n)"

    def matches(self, table: str, row: str = "w.row") -> str:
        """Return the condition that a row of `table`, an alias, has this key."""
        return f"{table}.{identifier(self.column)} {self.equal} {self.type.value(row)}"


def keyed(connection: Connection, path: ObjectPath) -> Keyed | None:
    """Look up a table; None if it does not exist, is a system catalog, or has no primary key of one column.

    Raises psycopg.Error.
    """
    if len(path) != 2 or path[0] in _NOT_OURS:
        return None
    table = tables(connection, [path]).get(path)
    if table is None or table.kind not in {"r", "p"} or len(table.key) != 1:
        return None
    return Keyed(path, table.key[0], Type(table.type, table.compound), table.equal)


def array(keys: Sequence[str]) -> str:
    """Spell keys as an array literal, for a parameter that is cast to the array's type."""
    body = '","'.join(keys)
    if "\\" in body or body.count('"') != 2 * max(len(keys) - 1, 0):
        body = '","'.join(_SPECIAL.sub(r"\\\g<0>", key) for key in keys)
    return f'{{"{body}"}}' if keys else "{}"


def texts(cursor: psycopg.Cursor[Any]) -> list[tuple[str | None, ...]]:
    """Return the rows of a result as the server prints them, for any column types."""
    result = cursor.pgresult
    if result is None or not result.nfields:
        return []
    columns = range(result.nfields)
    get = result.get_value
    return [
        tuple(
            None if (value := get(row, column)) is None else value.decode(errors="surrogateescape")
            for column in columns
        )
        for row in range(result.ntuples)
    ]


def positions(cursor: psycopg.Cursor[Any]) -> list[int]:
    """Return the only column of a result, which holds the positions of keys."""
    return [row[0] for row in cursor]


def matching(connection: Connection, table: CatalogTable, keys: Sequence[str], others: Sequence[str]) -> dict[int, int]:
    """Match `others` with `keys` by value; return the position in `keys` for each position in `others`, from 0."""
    if not keys or not others:
        return {}
    asked = (
        f"select (o.n - 1)::int, (k.n - 1)::int from pg_catalog.unnest(%(others)s::{table.type}[])"
        f" with ordinality as o (key, n) join pg_catalog.unnest(%(keys)s::{table.type}[])"
        f" with ordinality as k (key, n) on o.key {table.equal} k.key"
    )
    return dict(connection.execute(spelled(asked), {"keys": array(keys), "others": array(others)}).fetchall())
