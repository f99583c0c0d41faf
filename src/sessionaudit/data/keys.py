"""Primary keys as values: how texts become keys in the server, whatever their type and whichever search path holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.core.sql import identifier
from sessionaudit.data.catalogs import tables

if TYPE_CHECKING:
    from sessionaudit.connection import Connection
    from sessionaudit.core.kind import ObjectPath

# Catalogs are nobody's rows to take back, whatever a journal says.
_NOT_OURS = {"pg_catalog", "information_schema", "pg_toast"}


class Type(NamedTuple):
    """A type as SQL spells it under any search path, and whether its values have parts: arrays, and rows."""

    name: str
    parted: bool

    def source(self, parameter: str) -> str:
        """The function that makes rows of a list of texts; it would take values apart that have parts."""
        return f"pg_catalog.unnest(%({parameter})s::{'pg_catalog.text' if self.parted else self.name}[])"

    def value(self, column: str) -> str:
        """What a column of such rows holds, as a value of the type."""
        return f"{column}::{self.name}" if self.parted else column


class Keyed(NamedTuple):
    """A table whose primary key is one column: the column, its type, and the operator by which it is unique."""

    path: ObjectPath
    column: str
    type: Type
    equal: str

    def given(self, parameter: str = "rows") -> str:
        """For `from`: the keys of a list of texts, as `w (row, n)`, with the places in the list, from 1."""
        return f"{self.type.source(parameter)} with ordinality as w (row, n)"

    def matches(self, table: str, row: str = "w.row") -> str:
        """The condition that the row of `table`, an alias, has this key."""
        return f"{table}.{named(self.column)} {self.equal} {self.type.value(row)}"


def keyed(connection: Connection, path: ObjectPath) -> Keyed | None:
    """A table by its name; None where it is not there, is no table of ours, or has no key of one column.

    Raises psycopg.Error.
    """
    if len(path) != 2 or path[0] in _NOT_OURS:
        return None
    table = tables(connection, [path]).get(path)
    if table is None or table.kind not in {"r", "p"} or len(table.key) != 1:
        return None
    return Keyed(path, table.key[0], Type(plain(table.type), table.compound), plain(table.equal))


def named(*parts: str) -> str:
    """A name as it stands in a statement with parameters."""
    return plain(identifier(*parts))


def plain(sql: str) -> str:
    """SQL as it stands in a statement with parameters: a `%` of its own is none of theirs."""
    return sql.replace("%", "%%")
