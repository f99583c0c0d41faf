"""Tell what @supabase/postgrest-js sends for a request of the code: method, path, query, headers and body.

As its sources have it (version 2.119): `from`, `rpc`, the methods of PostgrestQueryBuilder, PostgrestFilterBuilder and
PostgrestTransformBuilder. Methods of other libraries that do the same have the same names but for their spelling:
`in_` and `maybe_single` of the one for Python.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field

from sessionaudit.audits.code.model import Action, Fields, Items, Known, Span, Unknown
from sessionaudit.audits.code.postgrest.wire_text import HOLE, Origin, WireText, interpolated, joined, json_text, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.audits.code.model import CodeRequest, CodeValue, Modifier

_METHODS = {
    Action.SELECT: "GET",
    Action.INSERT: "POST",
    Action.UPSERT: "POST",
    Action.UPDATE: "PATCH",
    Action.DELETE: "DELETE",
}
# The methods that append `column=word.value`.
_PLAIN = {
    **{name: name for name in ("eq", "neq", "gt", "gte", "lt", "lte", "like", "ilike", "is")},
    "regexMatch": "match",
    "regexIMatch": "imatch",
    "isDistinct": "isdistinct",
    "rangeGt": "sr",
    "rangeGte": "nxl",
    "rangeLt": "sl",
    "rangeLte": "nxr",
    "rangeAdjacent": "adj",
}
_OF_PATTERNS = {
    "likeAllOf": "like(all)",
    "likeAnyOf": "like(any)",
    "ilikeAllOf": "ilike(all)",
    "ilikeAnyOf": "ilike(any)",
}
_OF_SETS = {"contains": "cs", "containedBy": "cd", "overlaps": "ov"}
_SEARCHES = {"plain": "pl", "phrase": "ph", "websearch": "w"}
_RESERVED = re.compile("[,()]")
_WORD = re.compile(r"_+([a-z])")
OBJECT, CSV, GEOJSON = "application/vnd.pgrst.object+json", "text/csv", "application/geo+json"


class QueryParameter(NamedTuple):
    """A parameter of the query string. It is `optional` if only some runs send it.

    `at` is the call that adds it, `method` the name of that in the code.
    """

    name: WireText
    value: WireText
    at: Span
    optional: bool = False
    method: str = ""


class WireRequest(Struct, kw_only=True):
    """What is sent for a request.

    `path` starts behind the address of the server. `prefer` are the parts of that header, in order; `accept` is None
    where the library asks for nothing special. `profile` is the schema that Accept-Profile or Content-Profile names.
    """

    request: CodeRequest
    method: str
    path: WireText
    query: list[QueryParameter] = field(default_factory=list[QueryParameter])
    prefer: list[str] = field(default_factory=list[str])
    accept: str | None = None
    profile: WireText | None = None
    body: CodeValue | None = None
    maybe_single: bool = False

    def parameters(self, name: str) -> Iterator[QueryParameter]:
        """Return the parameters of a name."""
        return (one for one in self.query if one.name.text == name)

    def set(self, name: WireText, value: WireText, at: Span, *, optional: bool = False) -> None:
        """Set a parameter, in place of one of that name."""
        new = QueryParameter(name, value, at, optional)
        for number, one in enumerate(self.query):
            if one.name.text == name.text:
                self.query[number] = new
                return
        self.query.append(new)


def sent_for(request: CodeRequest) -> WireRequest:
    """Return what is sent for a request without choices (see `choices.variants`)."""
    wire = _called(request) if request.action is Action.CALL else _asked(request)
    if request.schema is not None:
        wire.profile = interpolated(request.schema)
    if request.action not in {Action.SELECT, Action.LISTEN} and (request.returns or request.columns is not None):
        _select(wire, request.columns, request.at)
        wire.prefer.append("return=representation")
    for modifier in request.modifiers:
        _apply(wire, modifier)
    return wire


def method_name(name: str) -> str:
    """Return the name that postgrest-js has for a method of this name in another language."""
    return _WORD.sub(lambda match: match[1].upper(), name.strip("_")) if "_" in name else name


def _asked(request: CodeRequest) -> WireRequest:
    options = request.options
    method = _METHODS.get(request.action, "GET")
    wire = WireRequest(request=request, method=method, path=WireText("/") + interpolated(request.target))
    if request.action is Action.SELECT:
        if truth(option(options, "head")):
            wire.method = "HEAD"
        _select(wire, request.columns, request.at)
        _prefer_count(wire, options)
        return wire
    wire.body = None if request.action is Action.DELETE else request.payload
    if request.action is Action.UPSERT:
        ignored = truth(option(options, "ignoreDuplicates"))
        wire.prefer.append(f"resolution={'ignore' if ignored else 'merge'}-duplicates")
        if (conflict := option(options, "onConflict")) is not None:
            wire.set(WireText("on_conflict"), interpolated(conflict), conflict.at)
    _prefer_count(wire, options)
    if request.action in {Action.INSERT, Action.UPSERT}:
        default = option(options, "defaultToNull")
        if isinstance(default, Known) and default.value is False:
            wire.prefer.append("missing=default")
        if isinstance(request.payload, Items) and (names := columns_of(request.payload)):
            text = ",".join(f'"{name}"' for name in names)
            wire.set(WireText("columns"), WireText(text), request.payload.at)
    return wire


def columns_of(rows: Items) -> list[str]:
    """Return the names of the fields of some rows, each once, in the order of their first use."""
    return list(dict.fromkeys(one.name for row in rows.values if isinstance(row, Fields) for one in row.fields))


def _called(request: CodeRequest) -> WireRequest:
    options, arguments = request.options, request.payload
    head, get = truth(option(options, "head")), truth(option(options, "get"))
    wire = WireRequest(request=request, method="POST", path=WireText("/rpc/") + interpolated(request.target))
    given = arguments if isinstance(arguments, Fields) else None
    if head and given and any(_has_object(one.value) for one in given.fields):
        count = _text(option(options, "count"))
        wire.prefer = [*([f"count={count}"] if count else []), "return=minimal"]
        wire.body = arguments
        return wire
    if head or get:
        wire.method = "HEAD" if head else "GET"
        for one in given.fields if given else ():
            text = joined(["{", listed(one.value), "}"]) if isinstance(one.value, Items) else interpolated(one.value)
            wire.query.append(QueryParameter(WireText(one.name), text, one.at, one.optional))
    else:
        wire.body = arguments or Fields((), request.at)
    _prefer_count(wire, options)
    return wire


def _has_object(value: CodeValue) -> bool:
    return isinstance(value, Fields) or (isinstance(value, Items) and any(map(_has_object, value.values)))


def _prefer_count(wire: WireRequest, options: Fields | None) -> None:
    if count := _text(option(options, "count")):
        wire.prefer.append(f"count={count}")


def _select(wire: WireRequest, columns: CodeValue | None, at: Span) -> None:
    given = WireText("*") if columns is None else interpolated(columns).without(_blanks)
    wire.set(WireText("select"), given, columns.at if columns is not None else at)


def _blanks(text: str) -> Iterator[int]:
    """The offsets of white space outside of quotes, which the library leaves out of `select`."""
    quoted = False
    for offset, character in enumerate(text):
        if not quoted and (character.isspace() or character == "\ufeff"):
            yield offset
        if character == '"':
            quoted = not quoted


def _apply(wire: WireRequest, modifier: Modifier) -> None:  # noqa: PLR0915 - a few words for each modifier
    name, given = method_name(modifier.name), modifier.arguments
    first = given[0] if given else None
    second = given[1] if len(given) > 1 else None
    third = given[2] if len(given) > 2 else None

    def add(column: CodeValue | None, value: WireText) -> None:
        text = interpolated(column) if column is not None else WireText("undefined")
        wire.query.append(QueryParameter(text, value, modifier.at, modifier.optional, modifier.said or modifier.name))

    if name in _PLAIN:
        add(first, WireText(f"{_PLAIN[name]}.") + _given(second))
    elif name in _OF_PATTERNS:
        values = listed(second) if isinstance(second, Items) else _given(second)
        add(first, joined([f"{_OF_PATTERNS[name]}.{{", values, "}"]))
    elif name in {"in", "notIn"}:
        add(first, WireText("in.(" if name == "in" else "not.in.(") + _members(second) + ")")
    elif name in _OF_SETS:
        add(first, WireText(f"{_OF_SETS[name]}.") + _set(second))
    elif name == "textSearch":
        options = third if isinstance(third, Fields) else None
        config = option(options, "config")
        before = WireText(f"{_SEARCHES.get(_text(option(options, 'type')), '')}fts")
        if config is not None:
            before = joined([before, "(", interpolated(config), ")"])
        add(first, before + "." + _given(second))
    elif name == "match":
        for one in first.fields if isinstance(first, Fields) else ():
            text = WireText(one.name, (Origin(0, one.name, one.at),))
            value = WireText("eq.") + interpolated(one.value)
            optional = modifier.optional or one.optional
            wire.query.append(QueryParameter(text, value, modifier.at, optional, modifier.said or name))
        if not isinstance(first, Fields) or first.open:
            add(Unknown(first.why, first.at) if isinstance(first, Unknown) else first, WireText(HOLE))
    elif name in {"not", "filter"}:
        operator = joined(["not." if name == "not" else "", _given(second), ".", _given(third)])
        add(first, operator)
    elif name in {"or", "and"}:
        key = _prefixed(_referenced(second), name)
        wire.query.append(QueryParameter(key, joined(["(", _given(first), ")"]), modifier.at, modifier.optional))
    elif name == "order":
        _order(wire, modifier)
    elif name == "limit":
        wire.set(_prefixed(_referenced(second), "limit"), _given(first), modifier.at, optional=modifier.optional)
    elif name == "range":
        table = _referenced(third)
        rows = WireText(HOLE)
        if isinstance(first, Known) and isinstance(second, Known):
            rows = _rows(first.value, second.value, modifier.at)
        wire.set(_prefixed(table, "offset"), _given(first), modifier.at, optional=modifier.optional)
        wire.set(_prefixed(table, "limit"), rows, modifier.at, optional=modifier.optional)
    elif name == "single":
        wire.accept = OBJECT
    elif name == "maybeSingle":
        wire.maybe_single = True
    elif name in {"csv", "geojson"}:
        wire.accept = CSV if name == "csv" else GEOJSON
    elif name == "explain":
        wire.accept = _plan(wire.accept, first)
    elif name == "rollback":
        wire.prefer.append("tx=rollback")
    elif name == "maxAffected":
        wire.prefer += ["handling=strict", f"max-affected={_given(first).text}"]
    # abortSignal, throwOnError, retry, returns and overrideTypes change nothing of what is sent.


def _given(value: CodeValue | None) -> WireText:
    return WireText("undefined") if value is None else interpolated(value)


def _members(values: CodeValue | None) -> WireText:
    """The list of `in`: each value once, with quotes about those that have a comma or a parenthesis."""
    if not isinstance(values, Items):
        return WireText(HOLE, (Origin(0, HOLE, values.at),)) if values is not None else WireText("")
    texts: list[WireText] = []
    known: set[tuple[type, object]] = set()
    for one in values.values:
        if isinstance(one, Known):
            if (key := (type(one.value), one.value)) in known:
                continue
            known.add(key)
        text = interpolated(one)
        quoted = isinstance(one, Known) and isinstance(one.value, str) and _RESERVED.search(one.value)
        texts.append(joined(['"', text, '"']) if quoted else text)
    return joined([*texts, *([WireText(HOLE, (Origin(0, HOLE, values.at),))] if values.open else [])], ",")


def _set(value: CodeValue | None) -> WireText:
    """The value of `contains` and its kin: a text as it is, a list as an array, an object as JSON."""
    if isinstance(value, Items):
        return joined(["{", listed(value), "}"])
    if isinstance(value, Fields) or (isinstance(value, Known) and not isinstance(value.value, str)):
        try:
            text = json_text(value)
        except ValueError:
            text = HOLE
        return WireText(text, (Origin(0, text, value.at),))
    return _given(value)


def _order(wire: WireRequest, modifier: Modifier) -> None:
    column = modifier.arguments[0] if modifier.arguments else None
    options = modifier.arguments[1] if len(modifier.arguments) > 1 else None
    given = options if isinstance(options, Fields) else None
    ascending = option(given, "ascending")
    nulls = option(given, "nullsFirst")
    falls = isinstance(ascending, Known) and not ascending.value
    term = _given(column) + (".desc" if falls else ".asc")
    if isinstance(nulls, Known):
        term += ".nullsfirst" if nulls.value else ".nullslast"
    key = _prefixed(_referenced(options), "order")
    before = next(wire.parameters(key.text), None)
    if before is not None:
        term = joined([before.value, ",", term])
    optional = modifier.optional and (before is None or before.optional)
    wire.set(key, term, before.at if before else modifier.at, optional=optional)


def _referenced(options: CodeValue | None) -> WireText | None:
    """The embedded table that the options of a method name."""
    given = options if isinstance(options, Fields) else None
    table = option(given, "referencedTable")
    table = option(given, "foreignTable") if table is None else table
    return None if table is None else interpolated(table)


def _prefixed(table: WireText | None, name: str) -> WireText:
    return WireText(name) if table is None or not table.text else joined([table, ".", name])


def _rows(first: object, last: object, at: Span) -> WireText:
    if isinstance(first, (int, float)) and isinstance(last, (int, float)):
        return interpolated(Known(last - first + 1, at))
    return WireText(HOLE)


def _plan(accept: str | None, options: CodeValue | None) -> str:
    given = options if isinstance(options, Fields) else None
    names = ("analyze", "verbose", "settings", "buffers", "wal")
    chosen = "|".join(name for name in names if truth(option(given, name)))
    form = _text(option(given, "format")) or "text"
    return f'application/vnd.pgrst.plan+{form}; for="{accept or "application/json"}"; options={chosen};'


def option(options: Fields | None, name: str) -> CodeValue | None:
    """Return the value of an option; None if it is not given. The last field of a name counts."""
    return next((one.value for one in reversed(options.fields) if one.name == name), None) if options else None


def truth(value: CodeValue | None) -> bool:
    """Whether a value is known, and true."""
    return isinstance(value, Known) and bool(value.value)


def _text(value: CodeValue | None) -> str:
    return value.value if isinstance(value, Known) and isinstance(value.value, str) else ""
