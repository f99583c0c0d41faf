"""Foreign tables: a server, the options, and the columns with their types."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from sessionaudit.core.entries import bare
from sessionaudit.core.node import Node, NodeError, known_keys, mapping, name, text
from sessionaudit.kinds.common import foreign_options
from sessionaudit.sql.fragment import Fragment, FragmentError, canonical_type, type_name
from sessionaudit.sql.text import quoted, unquote


class ForeignTable(Struct, frozen=True, kw_only=True):
    """A foreign table; `options` and `columns` are None where the contract does not state them.

    `columns` are names and types, in their order; a type may end with `not null`.
    """

    server: str
    options: foreign_options.Options | None = None
    columns: tuple[tuple[str, str], ...] | None = None


_KEYS = ("server", "options", "columns")
NOT_NULL = " not null"


def read(node: Node, schema: str) -> ForeignTable:
    """Read an entry of `foreign_tables:`."""
    found = mapping(node, "a mapping: {server: other, columns: {id: bigint}}")
    known_keys(found, _KEYS, "a foreign table")
    fields: dict[str, Node] = {str(key): value for key, value in found.items()}
    if "server" not in fields:
        raise NodeError("a foreign table needs its server", found, "For example: {server: other}.")
    return ForeignTable(
        server=unquote(str(text(fields["server"], "a server"))),
        options=foreign_options.read(found),
        columns=_columns(fields["columns"], schema) if "columns" in fields else None,
    )


def _columns(node: Node, schema: str) -> tuple[tuple[str, str], ...]:
    result: dict[str, str] = {}
    for key, said in mapping(node, "a mapping of columns to types").items():
        column = bare(name(key))
        definition = text(said, "a type, and perhaps “not null”")
        try:
            fragment = Fragment(definition)
            type_ = type_name(fragment, schema)
            result[column] = type_ + (NOT_NULL if fragment.accept("not", "null") else "")
            fragment.end("“not null” or the end")
        except FragmentError as error:
            raise NodeError(str(error), said, error.hint, error.offset) from None
    return tuple(result.items())


def load(row: tuple[Any, ...], schema: str) -> ForeignTable:
    """Make a ForeignTable of a row of the catalog query."""
    server, options, columns = row
    return ForeignTable(
        server=server,
        options=foreign_options.load(options),
        columns=tuple(
            (column, canonical_type(type_, schema) + not_null)
            for column, type_, not_null in zip(columns[::3], columns[1::3], columns[2::3], strict=True)
        ),
    )


def spell(table: ForeignTable) -> dict[str, Any]:
    """What the contract says of a foreign table."""
    found: dict[str, Any] = {"server": quoted(table.server)}
    if table.options is not None:
        found["options"] = dict(table.options)
    if table.columns is not None:
        found["columns"] = dict(table.columns)
    return found


def show_columns(table: ForeignTable) -> str | None:
    """The columns as DDL has them."""
    return None if table.columns is None else ", ".join(f"{quoted(column)} {type_}" for column, type_ in table.columns)


def show(table: ForeignTable) -> str:
    """What follows the name in CREATE FOREIGN TABLE."""
    options = foreign_options.clause(table.options)
    return f"({show_columns(table) or ''}) server {quoted(table.server)}{options}"
