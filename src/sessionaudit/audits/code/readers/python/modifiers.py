"""Give the methods of postgrest-py the names and the arguments that those of postgrest-js have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.audits.code.model import (
    CodeValue,
    Dynamic,
    Fields,
    Items,
    Known,
    Modifier,
    NamedValue,
    Span,
    Unknown,
)
from sessionaudit.audits.code.readers import values

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NAMES = {
    **{name: name for name in ("eq", "neq", "gt", "gte", "lt", "lte", "like", "ilike", "match", "filter", "contains")},
    **{name: name for name in ("overlaps", "order", "limit", "range", "single", "csv", "explain", "geojson")},
    "in_": "in",
    "is_": "is",
    "or_": "or",
    "like_all_of": "likeAllOf",
    "like_any_of": "likeAnyOf",
    "ilike_all_of": "ilikeAllOf",
    "ilike_any_of": "ilikeAnyOf",
    "contained_by": "containedBy",
    "cs": "contains",
    "cd": "containedBy",
    "ov": "overlaps",
    "range_gt": "rangeGt",
    "range_gte": "rangeGte",
    "range_lt": "rangeLt",
    "range_lte": "rangeLte",
    "range_adjacent": "rangeAdjacent",
    "sr": "rangeGt",
    "nxl": "rangeGte",
    "sl": "rangeLt",
    "nxr": "rangeLte",
    "adj": "rangeAdjacent",
    "text_search": "textSearch",
    "maybe_single": "maybeSingle",
    "max_affected": "maxAffected",
}
_SEARCHES = ("fts", "plfts", "phfts", "wfts")
_WORDS = {
    "likeAllOf": "like(all)",
    "likeAnyOf": "like(any)",
    "ilikeAllOf": "ilike(all)",
    "ilikeAnyOf": "ilike(any)",
    "contains": "cs",
    "containedBy": "cd",
    "overlaps": "ov",
    "rangeGt": "sr",
    "rangeGte": "nxl",
    "rangeLt": "sl",
    "rangeLte": "nxr",
    "rangeAdjacent": "adj",
    "textSearch": "fts",
}
# What changes nothing of what is asked for.
_SILENT = ("offset", "retry", "strip_nulls", "returns", "execute")
FILTERS = frozenset((*_NAMES, *_SEARCHES)) - {
    "match",
    "filter",
    "order",
    "limit",
    "range",
    "contains",
    "explain",
    "csv",
}
METHODS = frozenset((*_NAMES, *_SEARCHES, *_SILENT, "not_"))


def modifier(
    name: str,
    positional: Sequence[CodeValue],
    named: Mapping[str, CodeValue],
    at: Span,
    *,
    negated: bool = False,
    optional: bool = False,
) -> Modifier | None:
    """Return a call of a method in the terms of postgrest-js; None if it changes nothing of the request."""
    found = _modifier(name, positional, named, at, negated=negated, optional=optional)
    return replace(found, said=name) if found is not None else None


def _modifier(
    name: str,
    positional: Sequence[CodeValue],
    named: Mapping[str, CodeValue],
    at: Span,
    *,
    negated: bool = False,
    optional: bool = False,
) -> Modifier | None:
    if name in _SILENT:
        return None
    given = [*positional, *(value for key, value in named.items() if key not in _OPTIONS)]
    if name in _SEARCHES:
        column, query = (*given, *_missing(at))[:2]
        word = Known(name, at)
        return Modifier("not" if negated else "filter", (column, word, query), at, optional)
    said = _NAMES.get(name, name)
    if said.startswith("range") and said != "range" and len(given) > 1:
        given[1] = _pair(given[1])
    if negated and said not in {"or", "match"}:
        return _not(said, given, at, optional=optional)
    if said == "textSearch" and len(given) > 2:
        given[2] = _search(given[2])
    options = _options(said, given, named, at, negated=negated)
    arguments = given[: _PLACES.get(said, len(given))]
    return Modifier(said, (*arguments, *([options] if options is not None else [])), at, optional)


_OPTIONS = frozenset("desc nullsfirst foreign_table reference_table".split())
_PLACES = {"or": 1, "order": 1, "limit": 1, "range": 2}


def _missing(at: Span) -> tuple[CodeValue, CodeValue]:
    return Unknown(Dynamic.SPREAD, at), Unknown(Dynamic.SPREAD, at)


def _not(name: str, given: Sequence[CodeValue], at: Span, *, optional: bool) -> Modifier:
    if name == "filter":
        return Modifier("not", tuple(given), at, optional)
    column, value = (*given, *_missing(at))[:2]
    if name == "in":
        return Modifier("notIn", (column, value), at, optional)
    if name in {"contains", "containedBy", "overlaps"}:
        value = _array(value)
    return Modifier("not", (column, Known(_WORDS.get(name, name), at), value), at, optional)


def _array(value: CodeValue) -> CodeValue:
    if not isinstance(value, Items):
        return value if isinstance(value, Known | Unknown) else Unknown(Dynamic.EXPRESSION, value.at)
    parts: list[CodeValue] = [Known("{", value.at)]
    for number, one in enumerate(value.values):
        parts += [Known(",", value.at), one] if number else [one]
    return values.joined([*parts, Known("}", value.at)], value.at)


def _pair(value: CodeValue) -> CodeValue:
    """Return the bounds of a range, which the library puts into parentheses."""
    if not isinstance(value, Items) or len(value.values) != 2:
        return value if isinstance(value, Known | Unknown) else Unknown(Dynamic.EXPRESSION, value.at)
    first, last = value.values
    return values.joined([Known("(", value.at), first, Known(",", value.at), last, Known(")", value.at)], value.at)


def _search(options: CodeValue) -> CodeValue:
    """Return the options of a search, with the names that postgrest-js has for its types."""
    if not isinstance(options, Fields):
        return options
    fields = [
        one._replace(value=Known("websearch", one.value.at))
        if one.name == "type" and isinstance(one.value, Known) and one.value.value == "web_search"
        else one
        for one in options.fields
    ]
    return replace(options, fields=tuple(fields))


def _options(
    name: str, given: Sequence[CodeValue], named: Mapping[str, CodeValue], at: Span, *, negated: bool
) -> Fields | None:
    found: list[NamedValue] = []
    table = named.get("foreign_table", named.get("reference_table"))
    place = _PLACES.get(name)
    if table is None and place is not None and name != "order" and len(given) > place:
        table = given[place]
    if isinstance(table, Known) and table.value is None:
        table = None
    if negated and name == "or":
        # The library sends `not.or`, or `table.not.or`: what postgrest-js sends for a table of such a name.
        word = Known("not", at)
        table = word if table is None else values.joined([table, Known(".not", at)], at)
    if table is not None:
        found.append(NamedValue("referencedTable", table, table.at))
    if name == "order":
        falls, nulls = named.get("desc"), named.get("nullsfirst")
        if isinstance(falls, Known):
            found.append(NamedValue("ascending", Known(not falls.value, falls.at), falls.at))
        if nulls is not None:
            found.append(NamedValue("nullsFirst", nulls, nulls.at))
    return Fields(tuple(found), at) if found else None


_OF_REQUESTS = {
    "on_conflict": "onConflict",
    "ignore_duplicates": "ignoreDuplicates",
    "default_to_null": "defaultToNull",
    "count": "count",
    "head": "head",
    "get": "get",
}


def options_of(named: Mapping[str, CodeValue], at: Span) -> Fields | None:
    """Return the options of `select`, `insert` and their like; None if none is given."""
    found = [
        NamedValue(_OF_REQUESTS[name], value, value.at)
        for name, value in named.items()
        if name in _OF_REQUESTS and not (isinstance(value, Known) and value.value in {None, ""})
    ]
    return Fields(tuple(found), at) if found else None
