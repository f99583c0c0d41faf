"""Follow what is done to an object or a list between its declaration and its use."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.audits.code.model import (
    Choice,
    CodeValue,
    Dynamic,
    Fields,
    Items,
    Known,
    NamedValue,
    Span,
    possible,
)
from sessionaudit.audits.code.readers import values
from sessionaudit.audits.code.readers.typescript import literals
from sessionaudit.audits.code.readers.typescript.scopes import meets, uses
from sessionaudit.audits.code.readers.typescript.syntax import (
    arguments,
    contains,
    dotted,
    field,
    function_around,
    member,
    method,
    outer,
    same,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from sessionaudit.audits.code.readers.typescript.literals import Evaluate
    from sessionaudit.audits.code.readers.typescript.scopes import Binding
    from sessionaudit.audits.code.readers.typescript.syntax import Script

# Functions and methods that leave alone what they are given.
_HARMLESS_ROOTS = ("console.", "JSON.", "Object.", "Array.", "logger.", "log.", "Number", "String", "Boolean")
_HARMLESS = frozenset(
    "insert upsert update eq match contains rpc push unshift includes structuredClone stringify log info warn error "
    "json send expect has add set then all isArray".split()
)
_ADDS = {"push", "unshift"}
_LOOPS = {"for_statement", "for_in_statement", "while_statement", "do_statement"}


class _Change(NamedTuple):
    fields: list[NamedValue]
    items: list[CodeValue]
    gone: str | None = None
    why: Dynamic | None = None


def mutated(source: Script, binding: Binding, at: Node, value: CodeValue, evaluate: Evaluate, since: Node) -> CodeValue:
    """Return a value with all that is done to it between two places of the file, as far as the text tells."""
    if not any(isinstance(one, Fields | Items) for one in possible(value)) or binding.path:
        return value
    for use, optional in _before(source, binding, at, since):
        change = _change(source, use, evaluate)
        if change is not None:
            value = _changed(value, change, optional=optional, at=source.span(use))
    return value


def _before(source: Script, binding: Binding, at: Node, since: Node) -> Iterator[tuple[Node, bool]]:
    top = same(at, source.root)
    here = function_around(source, at)
    for use in uses(source, binding):
        if use.start_byte < since.end_byte and contains(since, use):
            continue
        if not top and (same(use, at) or contains(at, use)):
            continue
        outside = use.start_byte > at.start_byte or use.start_byte < since.start_byte
        if outside and not top and same(function_around(source, use), here):
            continue
        optional, never = meets(source, use, at)
        if not never:
            yield use, optional


def _change(source: Script, use: Node, evaluate: Evaluate) -> _Change | None:
    whole = outer(source, use)
    above = source.parent(whole)
    if above is None:
        return None
    if above.type in {"member_expression", "subscript_expression"} and same(field(above, "object"), whole):
        return _of_member(source, above, evaluate)
    if above.type == "arguments":
        call = source.parent(above)
        if call is not None and call.type == "call_expression":
            return _of_argument(source, call, whole, evaluate)
    return None


def _of_member(source: Script, part: Node, evaluate: Evaluate) -> _Change | None:
    above = source.parent(outer(source, part))
    if above is None:
        return None
    if above.type in {"assignment_expression", "augmented_assignment_expression"} and same(field(above, "left"), part):
        right, key = field(above, "right"), _key(part)
        names = [] if key is None else literals.keys(source, key, evaluate) if key.type != "computed" else []
        if part.type == "subscript_expression" and key is not None:
            said = list(possible(evaluate(source, key)))
            names = [values.text_of(one) for one in said if isinstance(one, Known)]
            names = names if len(names) == len(said) else []
        if right is None or key is None or not names:
            return _Change([], [], why=Dynamic.EXPRESSION)
        given = evaluate(source, right)
        at = source.span(key)
        fields = [values.field(name, given, at) for name in names]
        return _Change([one._replace(optional=one.optional or len(names) > 1) for one in fields if one], [])
    if above.type == "unary_expression" and source.text(above).startswith("delete"):
        found = member(source, part)
        return _Change([], [], gone=found[1]) if found is not None else None
    if above.type == "call_expression":
        called = method(source, above)
        if called is not None and called[1] in _ADDS:
            items = [evaluate(source, one) for one in arguments(above) if one.type != "spread_element"]
            more = any(one.type == "spread_element" for one in arguments(above))
            looped = any(one.type in _LOOPS or "function" in one.type for one in source.ancestors(above))
            return _Change([], items, why=Dynamic.SPREAD if more or looped else None)
    return None


def _key(part: Node) -> Node | None:
    return field(part, "property") or field(part, "index")


def _of_argument(source: Script, call: Node, whole: Node, evaluate: Evaluate) -> _Change | None:
    given = arguments(call)
    called = field(call, "function")
    name = dotted(source, called) if called is not None else ""
    if name == "Object.assign" and given and same(given[0], whole):
        fields: list[NamedValue] = []
        why: Dynamic | None = None
        for one in given[1:]:
            more, unknown = values.spread(evaluate(source, one), source.span(one))
            fields, why = values.laid_over(fields, more), unknown or why
        return _Change(fields, [], why=why)
    last = name.rsplit(".", 1)[-1]
    found = method(source, call)
    if name.startswith(_HARMLESS_ROOTS) or last in _HARMLESS or (found is not None and found[1] in _HARMLESS):
        return None
    if last.startswith("set") or not name:
        return None
    return _Change([], [], why=Dynamic.MUTATED)


def _changed(value: CodeValue, change: _Change, *, optional: bool, at: Span) -> CodeValue:
    if isinstance(value, Choice):
        return values.choice([_changed(one, change, optional=optional, at=at) for one in value.values], at)
    if isinstance(value, Fields) and not change.items:
        fields = list(value.fields)
        if change.gone is not None:
            kept = [one for one in fields if one.name != change.gone]
            gone = [one._replace(optional=True) for one in fields if one.name == change.gone]
            fields = kept + (gone if optional else [])
        added = [one._replace(optional=one.optional or optional) for one in change.fields]
        return Fields(
            tuple(values.laid_over(fields, added)),
            value.at,
            value.open or change.why is not None,
            value.why or change.why,
        )
    if isinstance(value, Items) and (change.items or change.why is Dynamic.SPREAD):
        more = value.open or optional or change.why is not None
        return Items((*value.values, *change.items), value.at, more)
    return value
