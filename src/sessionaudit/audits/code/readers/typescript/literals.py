"""Read what stands in the text as a value: texts, numbers, templates, lists and objects."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionaudit.audits.code.model import (
    Choice,
    CodeValue,
    Dynamic,
    Fields,
    Items,
    Known,
    NamedValue,
    Unknown,
    possible,
)
from sessionaudit.audits.code.readers import values
from sessionaudit.audits.code.readers.typescript.syntax import field

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from sessionaudit.audits.code.model import Span
    from sessionaudit.audits.code.readers.typescript.syntax import Script

    Evaluate = Callable[[Script, Node], CodeValue]

_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|.))", re.DOTALL)
_NAMED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}
_NUMBER = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\Z")


def unescaped(text: str) -> str:
    """Return what a text is with its escapes replaced."""

    def one(match: re.Match[str]) -> str:
        code = match[1] or match[2] or match[3]
        return chr(min(int(code, 16), 0x10FFFF)) if code else _NAMED.get(match[4], match[4])

    return values.well_formed(_ESCAPE.sub(one, text)) if "\\" in text else text


def string(source: Script, node: Node) -> Known:
    """Return the value of a string."""
    text = source.text(node)[1:-1]
    return Known(unescaped(text), source.span(node, 1), "\\" not in text)


def number(source: Script, node: Node) -> CodeValue:
    """Return the value of a number."""
    text = source.text(node).replace("_", "").removesuffix("n")
    try:
        if _NUMBER.match(text):
            return Known(float(text) if set(text) & set(".eE") else int(text), source.span(node))
        return Known(int(text, 0), source.span(node))
    except ValueError:
        return Unknown(Dynamic.EXPRESSION, source.span(node))


def template(source: Script, node: Node, evaluate: Evaluate, *, raw: bool = False) -> CodeValue:
    """Return the value of a template, of a `raw` one with its escapes as they are."""
    at = source.span(node, 1)
    parts: list[CodeValue] = []
    exact = True
    for child in node.named_children:
        if child.type == "template_substitution":
            exact = False
            inside = [one for one in child.named_children if one.type != "comment"]
            parts.append(evaluate(source, inside[0]) if inside else Unknown(Dynamic.SYNTAX, source.span(child)))
        else:
            text = source.text(child)
            as_it_is = raw or "\\" not in text
            exact = exact and as_it_is
            parts.append(Known(text if raw else unescaped(text), source.span(child), as_it_is))
    if exact:
        return Known("".join(str(part.value) for part in parts if isinstance(part, Known)), at, exact=True)
    return values.joined(parts, at)


def raw(source: Script, call: Node, evaluate: Evaluate) -> CodeValue | None:
    """Return the value of a template behind `String.raw`; None of another call."""
    given = field(call, "arguments")
    is_template = given is not None and given.type == "template_string"
    return template(source, given, evaluate, raw=True) if given is not None and is_template else None


def listed(whole: Fields, made_by: str, at: Span) -> Items:
    """Return what `Object.keys`, `Object.values` or `Object.entries` makes of an object."""
    names: list[CodeValue] = [Known(one.name, one.at) for one in whole.fields]
    given = [one.value for one in whole.fields]
    pairs: list[CodeValue] = [Items(pair, at) for pair in zip(names, given, strict=True)]
    return Items(tuple({"Object.keys": names, "Object.values": given}.get(made_by, pairs)), at, whole.open)


def array(source: Script, node: Node, evaluate: Evaluate) -> Items:
    """Return the value of a list."""
    found: list[CodeValue] = []
    more = False
    for child in node.named_children:
        if child.type == "comment":
            continue
        if child.type != "spread_element":
            found.append(evaluate(source, child))
            continue
        for one in possible(evaluate(source, child.named_children[0])):
            found += one.values if isinstance(one, Items) else ()
            more = more or not isinstance(one, Items) or one.open
    return Items(tuple(found), source.span(node), more)


def object_(source: Script, node: Node, evaluate: Evaluate) -> Fields:
    """Return the value of an object."""
    found: list[NamedValue] = []
    why: Dynamic | None = None
    for child in node.named_children:
        if child.type == "spread_element":
            more, unknown = values.spread(evaluate(source, child.named_children[0]), source.span(child))
            found, why = values.laid_over(found, more), unknown or why
        elif child.type == "shorthand_property_identifier":
            one = values.field(source.text(child), evaluate(source, child), source.span(child))
            found = values.laid_over(found, (one,) if one is not None else ())
        elif child.type == "pair":
            key, value = field(child, "key"), field(child, "value")
            if key is not None and value is not None:
                given = evaluate(source, value)
                names = keys(source, key, evaluate)
                why = why if names else Dynamic.EXPRESSION
                fields = [values.field(name, given, source.span(key)) for name in names]
                found = values.laid_over(
                    found, [one._replace(optional=one.optional or len(names) > 1) for one in fields if one is not None]
                )
        elif child.type == "ERROR":
            why = Dynamic.SYNTAX
    return Fields(tuple(found), source.span(node), why is not None, why)


def keys(source: Script, key: Node, evaluate: Evaluate) -> list[str]:
    """Return what the key of a field may be; none if it is not known."""
    if key.type == "string":
        return [str(string(source, key).value)]
    if key.type != "computed_property_name":
        return [source.text(key)]
    found = list(possible(evaluate(source, key.named_children[0])))
    return [values.text_of(one) for one in found if isinstance(one, Known)] if _all_known(found) else []


def _all_known(found: list[Known | Unknown | Items | Fields]) -> bool:
    return all(isinstance(one, Known) for one in found)


def enum(source: Script, node: Node, evaluate: Evaluate) -> Fields:
    """Return the members of an enum as the fields of an object."""
    body = field(node, "body")
    found: list[NamedValue] = []
    following = 0
    for child in body.named_children if body is not None else ():
        name, value = field(child, "name"), field(child, "value")
        at = source.span(child)
        if child.type == "enum_assignment" and name is not None and value is not None:
            given = evaluate(source, value)
            if isinstance(given, Known) and isinstance(given.value, int):
                following = given.value + 1
            found.append(NamedValue(source.text(name).strip("'\""), given, at))
        elif child.type in {"property_identifier", "string"}:
            found.append(NamedValue(source.text(child).strip("'\""), Known(following, at), at))
            following += 1
    return Fields(tuple(found), source.span(node))


def either(source: Script, node: Node, evaluate: Evaluate) -> CodeValue:
    """Return the value of an operator over two values."""
    left, right, operator = field(node, "left"), field(node, "right"), field(node, "operator")
    at = source.span(node)
    if left is None or right is None or operator is None:
        return Unknown(Dynamic.SYNTAX, at)
    sign = source.text(operator)
    if sign == "+":
        return _sum(evaluate(source, left), evaluate(source, right), node, source)
    if sign not in {"??", "||", "&&"}:
        return Unknown(Dynamic.EXPRESSION, at)
    one, other = evaluate(source, left), evaluate(source, right)
    kept: list[CodeValue] = []
    for each in possible(one):
        if not isinstance(each, Known):
            if sign != "&&":
                kept.append(each)
            elif isinstance(each, Unknown):
                kept.append(Known(False, each.at))
        elif sign == "??":
            kept += [] if each.value is None or values.is_undefined(each) else [each]
        elif values.truthy(each) == (sign == "||"):
            kept.append(each)
    decided = len(kept) == 1 and isinstance(one, Known)
    return kept[0] if decided else values.choice((*kept, other), at)


def _sum(one: CodeValue, other: CodeValue, node: Node, source: Script) -> CodeValue:
    at = source.span(node)
    found = [*possible(one), *possible(other)]
    if any(isinstance(each, Known) and isinstance(each.value, str) for each in found) or any(
        isinstance(each, Unknown) and each.parts for each in found
    ):
        return values.joined((one, other), at)
    return Unknown(Dynamic.EXPRESSION, at)


def called(one: CodeValue, name: str, given: list[CodeValue], node: Node, source: Script) -> CodeValue | None:
    """Return what a method of a known list or text returns; None if it is not known."""
    at = source.span(node)
    if isinstance(one, Items):
        if name == "join":
            return _joined(one, given, node, source)
        if name in {"filter", "slice", "flat"}:
            return Items(one.values, at, open=True)
        if name in {"sort", "reverse", "toSorted"}:
            return one
        if name == "concat":
            lists = [item if isinstance(item, Items) else Items((), at, open=True) for item in given]
            more = [value for item in lists for value in item.values]
            return Items((*one.values, *more), at, one.open or any(item.open for item in lists))
    if isinstance(one, Known) and isinstance(one.value, str):
        if name in {"trim", "toString", "valueOf"}:
            return one
        if name in {"toLowerCase", "toUpperCase"}:
            return Known(one.value.lower() if name == "toLowerCase" else one.value.upper(), one.at)
    if isinstance(one, Choice) and name in {"trim", "toString", "toLowerCase", "toUpperCase"}:
        each = [called(value, name, given, node, source) for value in one.values]
        return values.choice([value or Unknown(Dynamic.CALL, at) for value in each], at)
    return None


def _joined(one: Items, given: list[CodeValue], node: Node, source: Script) -> CodeValue:
    at = source.span(node)
    between = given[0] if given else Known(",", at)
    parts: list[CodeValue] = []
    for value in one.values:
        parts += [between, value] if parts else [value]
    if one.open:
        parts.append(Unknown(Dynamic.SPREAD, at))
    return values.joined(parts, at) if parts else Known("", at)
