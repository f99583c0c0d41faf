"""Privileges on tables, and on single columns: `select (a, b)`, each a cell, which is a privilege with one column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.node import NodeError, nearest
from sessionaudit.sql.fragment import Fragment, FragmentError
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessionaudit.core.node import Node

Cell = tuple[str, str]
PRIVILEGES = ("select", "insert", "update", "references")
OF_TABLES = ("select", "insert", "update", "delete", "truncate", "references", "trigger", "maintain")


def read(word: str, node: Node) -> frozenset[Cell]:
    """The cells of one item of a list of privileges, such as `select (a, b)`. Raises NodeError."""
    fragment = Fragment(word)
    try:
        privilege = fragment.name("a privilege")
        columns = fragment.names()
        fragment.end()
    except FragmentError as error:
        raise NodeError(str(error), node, "As in: [insert, 'select (id, name)'].") from None
    if privilege not in PRIVILEGES:
        hint = nearest(privilege, PRIVILEGES)
        raise NodeError(f"unknown privilege “{privilege}” on single columns", node, hint=hint)
    return frozenset((privilege, column) for column in columns)


def load(texts: Iterable[str]) -> frozenset[Cell]:
    """The cells of texts as the query gives them."""
    return frozenset((privilege, column) for privilege, _, column in (text.partition(" ") for text in texts))


def spelled(cells: Iterable[Cell]) -> Iterator[str]:
    """Cells in the words of GRANT, one text for each privilege."""
    found = sorted(cells)
    for privilege in PRIVILEGES:
        if columns := [quoted(column) for word, column in found if word == privilege]:
            yield f"{privilege} ({', '.join(columns)})"


def phrase(privileges: Iterable[str], cells: Iterable[Cell] = ()) -> list[str]:
    """Privileges on a table, and those on its columns, in the words and the order of GRANT."""
    found = frozenset(privileges)
    return [word for word in OF_TABLES if word in found] + list(spelled(cells))


def beyond(
    cells: frozenset[Cell], privileges: frozenset[str], allowed: frozenset[Cell] = frozenset()
) -> frozenset[Cell]:
    """The cells that neither a privilege on the whole table nor one of those allowed covers."""
    return frozenset(cell for cell in cells - allowed if cell[0] not in privileges)
