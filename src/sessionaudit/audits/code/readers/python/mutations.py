"""Follow what is done to a dict or a list between the place at which it gets its name and its use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.audits.code.model import CodeValue, Dynamic, Fields, Items, Known, NamedValue, possible
from sessionaudit.audits.code.readers import values
from sessionaudit.audits.code.readers.python import literals
from sessionaudit.audits.code.readers.python.scopes import meets, scope_of, uses
from sessionaudit.audits.code.readers.python.syntax import called, contains, field, given, same

if TYPE_CHECKING:
    from tree_sitter import Node

    from sessionaudit.audits.code.readers.python.literals import Evaluate
    from sessionaudit.audits.code.readers.python.settings import Setting
    from sessionaudit.audits.code.readers.python.syntax import PythonFile

# Functions and methods that leave alone what they are given.
_HARMLESS = frozenset(
    "print len str repr dict list tuple set sorted dumps info debug warning error exception log isinstance any all sum "
    "insert upsert update eq match contains rpc in_ overlaps deepcopy copy enumerate zip range min max bool type join "
    "append extend execute".split()
)
_LOOPS = ("for_statement", "while_statement")


def mutated(source: PythonFile, scope: Node, one: Setting, at: Node, value: CodeValue, evaluate: Evaluate) -> CodeValue:
    """Return a value with all that is done to it under its name before a place, as far as the text tells."""
    if not any(isinstance(each, Fields | Items) for each in possible(value)):
        return value
    top = same(at, source.root)
    here = scope_of(source, at)
    name = _name(source, one)
    for use in uses(source, name, scope) if name else ():
        if contains(one.node, use) or (not top and contains(at, use)):
            continue
        if not top and same(scope_of(source, use), here) and use.start_byte > at.start_byte:
            continue
        optional, never = meets(source, use, at)
        if not never:
            value = _changed(source, use, value, evaluate, optional=optional)
    return value


def _name(source: PythonFile, one: Setting) -> str:
    left = field(one.node, "left") or field(one.node, "name")
    return source.text(left) if left is not None and left.type == "identifier" else ""


def _changed(source: PythonFile, use: Node, value: CodeValue, evaluate: Evaluate, *, optional: bool) -> CodeValue:
    above = source.parent(use)
    if above is None:
        return value
    if above.type == "subscript" and same(field(above, "value"), use):
        return _item(source, above, value, evaluate, optional=optional)
    if above.type == "attribute":
        call = source.parent(above)
        if call is not None and call.type == "call" and same(field(call, "function"), above):
            return _method(source, call, value, evaluate, optional=optional)
    if above.type == "augmented_assignment" and same(field(above, "left"), use):
        right = field(above, "right")
        return _more(value, evaluate(source, right) if right is not None else None, source, above, optional=optional)
    if above.type == "argument_list":
        call = source.parent(above)
        name = called(source, call).rpartition(".")[2] if call is not None else ""
        function = field(call, "function") if call is not None else None
        attribute = field(function, "attribute") if function is not None else None
        name = source.text(attribute) if attribute is not None else name
        if name not in _HARMLESS:
            return _opened(value, Dynamic.MUTATED)
    return value


def _item(source: PythonFile, part: Node, value: CodeValue, evaluate: Evaluate, *, optional: bool) -> CodeValue:
    above, key = source.parent(part), field(part, "subscript")
    if above is None or key is None:
        return value
    if above.type == "delete_statement":
        return _without(value, literals.keys(evaluate(source, key)), optional=optional)
    if above.type not in {"assignment", "augmented_assignment"} or not same(field(above, "left"), part):
        return value
    right = field(above, "right")
    names = literals.keys(evaluate(source, key))
    if right is None or not names:
        return _opened(value, Dynamic.EXPRESSION)
    said = evaluate(source, right)
    at = source.span(key)
    return _added(value, [NamedValue(name, said, at, optional or len(names) > 1) for name in names])


def _method(source: PythonFile, call: Node, value: CodeValue, evaluate: Evaluate, *, optional: bool) -> CodeValue:
    function = field(call, "function")
    attribute = field(function, "attribute") if function is not None else None
    name = source.text(attribute) if attribute is not None else ""
    arguments = given(source, call)
    first = arguments.positional[0] if arguments.positional else None
    if name == "update":
        fields = [
            NamedValue(key, evaluate(source, one), source.span(one), optional) for key, one in arguments.named.items()
        ]
        why = Dynamic.SPREAD if arguments.more else None
        if first is not None:
            more, unknown = values.spread(evaluate(source, first), source.span(first))
            fields, why = [*(one._replace(optional=one.optional or optional) for one in more), *fields], unknown or why
        value = _added(value, fields)
        return _opened(value, why) if why is not None else value
    if name in {"append", "insert", "add"} and arguments.positional:
        looped = any(one.type in _LOOPS for one in source.ancestors(call))
        item = evaluate(source, arguments.positional[-1])
        return _items(value, [item], more=optional or looped)
    if name == "extend" and first is not None:
        return _more(value, evaluate(source, first), source, call, optional=optional)
    if name == "setdefault" and len(arguments.positional) > 1 and first is not None:
        names = literals.keys(evaluate(source, first))
        said = evaluate(source, arguments.positional[1])
        fields = [NamedValue(one, said, source.span(first), optional) for one in names]
        return _added(value, [one for one in fields if not _has(value, one.name)])
    if name in {"pop", "remove", "discard"} and first is not None:
        return _without(value, literals.keys(evaluate(source, first)), optional=optional)
    if name in {"clear", "popitem"}:
        return _opened(value, Dynamic.MUTATED)
    return value


def _has(value: CodeValue, name: str) -> bool:
    return any(isinstance(one, Fields) and any(each.name == name for each in one.fields) for one in possible(value))


def _added(value: CodeValue, fields: list[NamedValue]) -> CodeValue:
    each = [
        replace(one, fields=tuple(values.laid_over(one.fields, fields))) if isinstance(one, Fields) else one
        for one in possible(value)
    ]
    return values.choice(each, value.at)


def _items(value: CodeValue, items: list[CodeValue], *, more: bool) -> CodeValue:
    each = [
        replace(one, values=(*one.values, *items), open=one.open or more) if isinstance(one, Items) else one
        for one in possible(value)
    ]
    return values.choice(each, value.at)


def _more(value: CodeValue, other: CodeValue | None, source: PythonFile, node: Node, *, optional: bool) -> CodeValue:
    if isinstance(other, Fields):
        return _added(value, [one._replace(optional=one.optional or optional) for one in other.fields])
    if isinstance(other, Items):
        looped = any(one.type in _LOOPS for one in source.ancestors(node))
        return _items(value, list(other.values), more=optional or looped or other.open)
    return _opened(value, Dynamic.SPREAD)


def _without(value: CodeValue, names: list[str], *, optional: bool) -> CodeValue:
    if not names:
        return _opened(value, Dynamic.EXPRESSION)
    each: list[CodeValue] = []
    for one in possible(value):
        if isinstance(one, Fields):
            gone = optional or len(names) > 1
            fields = [item._replace(optional=True) if item.name in names else item for item in one.fields]
            kept = tuple(item for item in fields if gone or item.name not in names)
            each.append(replace(one, fields=kept))
        else:
            each.append(replace(one, open=True) if isinstance(one, Items) else one)
    return values.choice(each, value.at)


def _opened(value: CodeValue, why: Dynamic) -> CodeValue:
    each: list[CodeValue] = []
    for one in possible(value):
        if isinstance(one, Fields):
            each.append(replace(one, open=True, why=one.why or why))
        elif isinstance(one, Items):
            each.append(replace(one, open=True))
        elif isinstance(one, Known):
            each.append(one)
    return values.choice(each, value.at) if each else value
