"""Read the whole query of a request, as PostgREST does before it looks into the database."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field

from sessionaudit.audits.code.postgrest.filters import LogicTree, OrderTerm, filter_term, logic_tree, ordered
from sessionaudit.audits.code.postgrest.grammar import QueryError, QueryField, columns, tree_path
from sessionaudit.audits.code.postgrest.select import SelectItem, selected
from sessionaudit.audits.code.postgrest.wire_text import HOLE, WireText

if TYPE_CHECKING:
    from sessionaudit.audits.code.model import Span
    from sessionaudit.audits.code.postgrest.wire import QueryParameter, WireRequest

_WORD = re.compile(r"\w+")
_LOGIC = {"and", "or"}
_LIMITS = {"limit", "offset"}
_RESERVED = {"select", "columns", "on_conflict"}


class PlacedFilter(NamedTuple):
    """A filter or a logic tree, the embedded tables that it is on, and the texts that it was read from.

    `names` is where the column of a filter stands; of a logic tree, all stands in `values`. `method` is the name of the
    method in the code.
    """

    tables: tuple[str, ...]
    tree: LogicTree
    names: WireText
    values: WireText
    at: Span
    optional: bool
    method: str = ""


class PlacedOrder(NamedTuple):
    """An order, the embedded tables that it is on, and its text."""

    tables: tuple[str, ...]
    terms: tuple[OrderTerm, ...]
    name: WireText
    text: WireText
    at: Span


class Malformed(NamedTuple):
    """What PostgREST cannot read, and where it stops."""

    error: QueryError
    at: Span
    text: str


class ParsedQuery(Struct, kw_only=True):
    """What a query says. `arguments` are those of a function that is called by GET.

    `limits` are the tables, by the names that lead to each, whose rows are limited. `unread` are places that are not
    known well enough to be read.
    """

    select: tuple[SelectItem, ...] = ()
    select_text: WireText = WireText("*")
    filters: list[PlacedFilter] = field(default_factory=list[PlacedFilter])
    orders: list[PlacedOrder] = field(default_factory=list[PlacedOrder])
    limits: dict[tuple[str, ...], QueryParameter] = field(default_factory=dict)
    on_conflict: list[QueryField] | None = None
    on_conflict_text: WireText = WireText("")
    arguments: list[QueryParameter] = field(default_factory=list)
    malformed: list[Malformed] = field(default_factory=list[Malformed])
    unread: list[Span] = field(default_factory=list)


def parsed(wire: WireRequest, parameters: frozenset[str] = frozenset()) -> ParsedQuery:
    """Read the query of a request; `parameters` are those of the function that it calls by GET."""
    query = ParsedQuery()
    for one in wire.query:
        try:
            _read(query, one, wire, parameters)
        except QueryError as error:
            text = one.value.text
            if HOLE in text or HOLE in one.name.text:
                query.unread.append(one.value.span() or one.at)
                continue
            start = min(error.offset, max(len(text) - 1, 0))
            word = _WORD.match(text, start)
            at = one.value.span(start, word.end() if word else start + 1) or one.at
            query.malformed.append(Malformed(error, at, text))
    return query


def _read(query: ParsedQuery, one: QueryParameter, wire: WireRequest, parameters: frozenset[str]) -> None:
    name, text = one.name.text, one.value.text
    last = name.rpartition(".")[2]
    if name == "select":
        query.select_text = one.value
        query.select = selected(text)
    elif name == "on_conflict":
        query.on_conflict_text = one.value
        query.on_conflict = columns(text)
    elif name in _RESERVED:
        return
    elif last in _LIMITS and HOLE not in name:
        query.limits.setdefault(tree_path(name).tables, one)
    elif HOLE in name or text == HOLE:
        query.unread.append(one.name.span() or one.at)
    elif last in _LOGIC:
        *tables, word = name.split(".")
        tree = logic_tree(word, text, negated="not" in tables)
        where = tuple(table for table in tables if table != "not")
        query.filters.append(PlacedFilter(where, tree, one.value, one.value, one.at, one.optional))
    elif last == "order":
        tables_of = tree_path(name).tables
        query.orders.append(PlacedOrder(tables_of, tuple(ordered(text)), one.name, one.value, one.at))
    elif wire.method in {"GET", "HEAD"} and wire.path.text.startswith("/rpc/") and _is_argument(one, parameters):
        query.arguments.append(one)
    else:
        path = tree_path(name)
        term = filter_term(path.field, text)
        query.filters.append(PlacedFilter(path.tables, term, one.name, one.value, one.at, one.optional, one.method))


def _is_argument(one: QueryParameter, parameters: frozenset[str]) -> bool:
    """Whether a parameter of a call by GET is no filter: it has no operator, or the code gives it as an argument."""
    if one.name.text in parameters:
        return True
    try:
        filter_term(tree_path(one.name.text).field, one.value.text)
    except QueryError:
        return True
    return False
