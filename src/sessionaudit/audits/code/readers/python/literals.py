"""Tell what literals and operators are: texts, numbers, dicts, lists, and the sums of these."""

from __future__ import annotations

import ast
import re
import warnings
from typing import TYPE_CHECKING

from sessionaudit.audits.code.model import CodeValue, Dynamic, Fields, Items, Known, NamedValue, Unknown, possible
from sessionaudit.audits.code.readers import values
from sessionaudit.audits.code.readers.python.syntax import children, field, inner, same

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from sessionaudit.audits.code.readers.python.syntax import PythonFile

    Evaluate = Callable[[PythonFile, Node], CodeValue]

_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "none": None}


def plain(source: PythonFile, node: Node, evaluate: Evaluate) -> CodeValue | None:
    """Return the value of a literal or an operator; None of anything else."""
    kind, at = node.type, source.span(node)
    if kind == "string":
        return string(source, node, evaluate)
    if kind == "concatenated_string":
        return values.joined([string(source, one, evaluate) for one in children(node)], at)
    if kind in {"integer", "float", "unary_operator"}:
        return _number(source, node)
    if kind in _CONSTANTS:
        return Known(_CONSTANTS[kind], at)
    if kind in {"list", "tuple", "set", "expression_list"}:
        return _items(source, node, evaluate)
    if kind == "dictionary":
        return _fields(source, node, evaluate)
    if kind in {"binary_operator", "boolean_operator"}:
        return _operator(source, node, evaluate)
    return None


def string(source: PythonFile, node: Node, evaluate: Evaluate) -> CodeValue:
    """Return the value of a text, which may have other values in it."""
    parts = node.named_children
    begin = source.text(parts[0]).lower() if parts else ""
    at = source.between(parts[0].end_point, parts[-1].start_point) if len(parts) > 1 else source.span(node)
    if "b" in begin.rstrip("\"'"):
        return Unknown(Dynamic.EXPRESSION, at)
    raw = "r" in begin.rstrip("\"'")
    formatted = "f" in begin.rstrip("\"'")
    if not formatted or all(part.type != "interpolation" for part in parts):
        text = source.bytes[parts[0].end_byte : parts[-1].start_byte].decode("utf-8", "replace")
        exact = (raw or "\\" not in text) and not (formatted and ("{{" in text or "}}" in text))
        return Known(_unescaped(text, raw=raw, formatted=formatted), at, exact and "\r" not in text)
    found: list[CodeValue] = []
    for part in parts[1:-1]:
        if part.type == "interpolation":
            value = field(part, "expression")
            said = evaluate(source, value) if value is not None else Unknown(Dynamic.SYNTAX, at)
            shaped = any(one.type == "format_specifier" for one in part.named_children)
            found.append(Unknown(Dynamic.EXPRESSION, source.span(part)) if shaped else said)
        else:
            text = _unescaped(source.text(part), raw=raw, formatted=True)
            found.append(Known(text, source.span(part), text == source.text(part)))
    return values.joined(found, at)


def _unescaped(text: str, *, raw: bool, formatted: bool) -> str:
    if formatted:
        text = text.replace("{{", "{").replace("}}", "}")
    if raw or "\\" not in text:
        return text
    quote = '"""' if '"""' not in text and not text.endswith('"') else "'''"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes that Python does not know, and leaves as they are
            value = ast.literal_eval(quote + text + quote)
    except (ValueError, SyntaxError):
        return text
    return values.well_formed(str(value))


def _number(source: PythonFile, node: Node) -> CodeValue:
    at = source.span(node)
    try:
        value = ast.literal_eval(source.text(node))
    except (ValueError, SyntaxError):
        return Unknown(Dynamic.EXPRESSION, at)
    return Known(value, at) if isinstance(value, (int, float)) else Unknown(Dynamic.EXPRESSION, at)


def _items(source: PythonFile, node: Node, evaluate: Evaluate) -> Items:
    found: list[CodeValue] = []
    more = False
    for child in children(node):
        if child.type != "list_splat":
            found.append(evaluate(source, child))
            continue
        for one in possible(evaluate(source, child.named_children[0])):
            found += one.values if isinstance(one, Items) else ()
            more = more or not isinstance(one, Items) or one.open
    return Items(tuple(found), source.span(node), more)


def _fields(source: PythonFile, node: Node, evaluate: Evaluate) -> Fields:
    found: list[NamedValue] = []
    why: Dynamic | None = None
    for child in children(node):
        if child.type == "dictionary_splat":
            more, unknown = values.spread(evaluate(source, child.named_children[0]), source.span(child))
            found, why = values.laid_over(found, more), unknown or why
        elif child.type == "pair":
            key, value = field(child, "key"), field(child, "value")
            if key is None or value is None:
                continue
            given, at = evaluate(source, value), source.span(key)
            names = keys(evaluate(source, key))
            why = why if names else Dynamic.EXPRESSION
            found = values.laid_over(found, [NamedValue(name, given, at, len(names) > 1) for name in names])
        elif child.type == "ERROR":
            why = Dynamic.SYNTAX
    return Fields(tuple(found), source.span(node), why is not None, why)


def keys(value: CodeValue) -> list[str]:
    """Return what a key may be; none if it is not known."""
    found = list(possible(value))
    known = [str(one.value) for one in found if isinstance(one, Known)]
    return known if len(known) == len(found) else []


def _operator(source: PythonFile, node: Node, evaluate: Evaluate) -> CodeValue:
    left, right, sign = field(node, "left"), field(node, "right"), field(node, "operator")
    at = source.span(node)
    if left is None or right is None or sign is None:
        return Unknown(Dynamic.SYNTAX, at)
    one, other, said = evaluate(source, left), evaluate(source, right), source.text(sign)
    if said in {"or", "and"}:
        return _either(one, other, said, left, source)
    if said == "|" and isinstance(one, Fields) and isinstance(other, Fields):
        why = other.why or one.why
        return Fields(tuple(values.laid_over(one.fields, other.fields)), at, one.open or other.open, why)
    if said == "+" and isinstance(one, Items) and isinstance(other, Items):
        return Items((*one.values, *other.values), at, one.open or other.open)
    if said == "%" and isinstance(one, Known) and isinstance(one.value, str):
        before = Known(one.value.partition("%")[0], one.at)
        return Unknown(Dynamic.EXPRESSION, at, (before, Unknown(Dynamic.EXPRESSION, at)))
    if said == "+" and any(_is_text(each) for each in (*possible(one), *possible(other))):
        return values.joined((one, other), at)
    return Unknown(Dynamic.EXPRESSION, at)


def _either(one: CodeValue, other: CodeValue, sign: str, left: Node, source: PythonFile) -> CodeValue:
    kept: list[CodeValue] = []
    for each in possible(one):
        if isinstance(each, Known):
            if bool(each.value) == (sign == "or"):
                kept.append(each)
        elif sign == "or" or isinstance(each, Unknown):
            kept.append(each)
    if isinstance(one, Known) and kept:
        return kept[0]
    return values.choice((*kept, other), source.span(left))


def _is_text(one: Known | Unknown | Items | Fields) -> bool:
    return (isinstance(one, Known) and isinstance(one.value, str)) or (isinstance(one, Unknown) and bool(one.parts))


def set_on_self(source: PythonFile, of: Node, name: str) -> list[Node]:
    """Return what `self.name` is set to in a class."""
    found: list[Node] = []
    for node in source.words(re.compile(rb"\b(?:self|cls)\s*\.\s*(?P<at>" + re.escape(name.encode()) + rb")\b"), of):
        attribute = source.parent(node)
        above = source.parent(attribute) if attribute is not None else None
        if above is not None and above.type == "assignment" and same(field(above, "left"), attribute):
            right = field(above, "right")
            if right is not None:
                found.append(inner(right))
    return found
