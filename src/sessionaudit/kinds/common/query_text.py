"""The query of a view: how it is read from the contract, and how the server is asked to print it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.core.node import NodeError, text
from sessionaudit.sql.fragment import Fragment, FragmentError
from sessionaudit.sql.text import tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.core.node import Node

_FIRST = ("select", "with", "values", "table", "(")
_CHECK = ("check", "option")


class ViewColumn(Struct, frozen=True):
    """A column that a query gives, with its type and its collation as the server spells them."""

    name: str
    type: str
    collation: str


def query(node: Node, what: str) -> str:
    """The query, without what is not a part of it: a semicolon at its end, and comments around it.

    Raises NodeError and FragmentError.
    """
    said = text(node, what)
    body = said.rstrip().removesuffix(";")
    found = Fragment(body).until(what="a query")
    words = [token.text.lower() for token in tokens(found) if token.sort not in {"quoted", "string"}]
    if words[0] not in _FIRST:
        raise FragmentError(
            f"expected a query, found “{words[0]}”",
            body.index(found),
            "Write what follows AS in CREATE VIEW: select …",
        )
    if tuple(words[-2:]) == _CHECK:
        raise NodeError("a check option is no part of the query", node, "State it: options: [cascaded check option].")
    if words[-2:] == ["no", "data"] or words[-2:] == ["with", "data"]:
        raise NodeError("WITH DATA is no part of the query", node, "State it: populated: true, or false.")
    return found


def printed(text: str) -> str:
    """A query as the server prints it, without the semicolon."""
    return text.strip().removesuffix(";")


def gone(before: Sequence[ViewColumn], after: Sequence[ViewColumn]) -> tuple[str, ...]:
    """The names of the columns that another query does not give."""
    names = {one.name for one in after}
    return tuple(one.name for one in before if one.name not in names)


def columns(flat: Sequence[str]) -> tuple[ViewColumn, ...]:
    """The columns of a list of names, types and collations by turns."""
    return tuple(ViewColumn(*three) for three in zip(flat[::3], flat[1::3], flat[2::3], strict=True))


# A query for the server's print of a view, and the names, types and collations of its columns by turns, as JSON.
READ = """
    select pg_catalog.json_build_array(pg_catalog.pg_get_viewdef(c.oid),
             array(select y.text
                     from pg_catalog.pg_attribute a
                    cross join lateral (values (1, a.attname::text),
                                               (2, pg_catalog.format_type(a.atttypid, a.atttypmod)),
                                               (3, a.attcollation::pg_catalog.regcollation::text)) as y (place, text)
                    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                    order by a.attnum, y.place))::text
      from pg_catalog.pg_class c
     where c.oid = %(on)s::pg_catalog.regclass"""


def picked(read: str) -> str:
    """The query of what READ gives."""
    found: str = json.loads(read)[0]
    return printed(found)


def columns_of(read: str | None) -> tuple[ViewColumn, ...] | None:
    """The columns of what READ gives; None where nothing was read."""
    return None if read is None else columns(json.loads(read)[1])
