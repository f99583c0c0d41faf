"""Read from the type of a parameter which texts it can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sessionaudit.audits.code.model import CodeValue, Dynamic, Fields, Items, Known, NamedValue, Unknown
from sessionaudit.audits.code.readers.typescript import literals
from sessionaudit.audits.code.readers.typescript.scopes import resolve
from sessionaudit.audits.code.readers.typescript.syntax import field

if TYPE_CHECKING:
    from tree_sitter import Node

    from sessionaudit.audits.code.readers.typescript.modules import ScriptModules
    from sessionaudit.audits.code.readers.typescript.syntax import Script

_DEEPEST = 8


class _Evaluator(Protocol):
    modules: ScriptModules

    def value(self, source: Script, node: Node) -> CodeValue: ...


def typed(evaluator: _Evaluator, source: Script, node: Node) -> list[CodeValue]:
    """Return the texts that the type of a parameter allows; none if it allows any, or is not known."""
    binding = resolve(source, source.text(node), node) if node.type == "identifier" else None
    annotation = field(binding.node, "type") if binding is not None else None
    if binding is None or annotation is None:
        return []
    kind = annotation.named_children[0] if annotation.named_children else None
    for part in binding.path:
        kind = _field_type(source, kind, str(part)) if kind is not None else None
    found = _texts(evaluator, source, kind, 0) if kind is not None else None
    return found or []


def typed_fields(evaluator: _Evaluator, source: Script, node: Node) -> Fields | None:
    """Return the object that the type of a parameter declares, which may have more fields; None if it declares none."""
    binding = resolve(source, source.text(node), node) if node.type == "identifier" else None
    annotation = field(binding.node, "type") if binding is not None and not binding.path else None
    kind = annotation.named_children[0] if annotation is not None and annotation.named_children else None
    if kind is not None and kind.type == "type_identifier":
        name = source.text(kind)
        meant = resolve(source, name, kind, types=True) or resolve(source, name, kind)
        place = evaluator.modules.of_binding(source, meant) if meant is not None else None
        source = place.source if place is not None else source
        kind = (field(place.node, "body") or field(place.node, "value")) if place is not None else None
    if kind is None or kind.type not in {"object_type", "interface_body"}:
        return None
    found: list[NamedValue] = []
    for child in kind.named_children:
        own, annotation = field(child, "name"), field(child, "type")
        if child.type == "property_signature" and own is not None and own.type == "property_identifier":
            at = source.span(own)
            said = source.text(annotation) if annotation is not None else ""
            optional = any(one.type == "?" for one in child.children) or "undefined" in said
            found.append(NamedValue(source.text(own), Unknown(Dynamic.PARAMETER, at), at, optional))
    return Fields(tuple(found), source.span(kind), open=True, why=Dynamic.PARAMETER) if found else None


def _field_type(source: Script, kind: Node, name: str) -> Node | None:
    for child in kind.named_children if kind.type == "object_type" else ():
        own, annotation = field(child, "name"), field(child, "type")
        if own is not None and annotation is not None and source.text(own) == name:
            return annotation.named_children[0]
    return None


def _texts(evaluator: _Evaluator, source: Script, kind: Node, depth: int) -> list[CodeValue] | None:
    if depth > _DEEPEST:
        return None
    if kind.type == "parenthesized_type":
        return _texts(evaluator, source, kind.named_children[0], depth + 1)
    if kind.type == "literal_type":
        literal = kind.named_children[0]
        return [literals.string(source, literal)] if literal.type == "string" else None
    if kind.type == "union_type":
        found: list[CodeValue] = []
        for child in kind.named_children:
            texts = _texts(evaluator, source, child, depth + 1)
            if texts is None:
                return None
            found += texts
        return found
    if kind.type == "type_identifier":
        return _of_name(evaluator, source, kind, depth)
    if kind.type in {"lookup_type", "index_type_query"}:
        return _of_value(evaluator, source, kind)
    return None


def _of_name(evaluator: _Evaluator, source: Script, kind: Node, depth: int) -> list[CodeValue] | None:
    name = source.text(kind)
    binding = resolve(source, name, kind, types=True) or resolve(source, name, kind)
    place = evaluator.modules.of_binding(source, binding) if binding is not None else None
    if place is None:
        return None
    if place.node.type == "enum_declaration":
        return _known(literals.enum(place.source, place.node, evaluator.value))
    value = field(place.node, "value") if place.node.type == "type_alias_declaration" else None
    return _texts(evaluator, place.source, value, depth + 1) if value is not None else None


def _of_value(evaluator: _Evaluator, source: Script, kind: Node) -> list[CodeValue] | None:
    """Return the texts of `(typeof LIST)[number]`, `keyof typeof OBJECT` and `(typeof OBJECT)[keyof typeof OBJECT]`."""
    query = next((node for node in _below(kind) if node.type == "type_query"), None)
    if query is None or not query.named_children:
        return None
    found = evaluator.value(source, query.named_children[0])
    if kind.type == "index_type_query":
        return [Known(one.name, one.at) for one in found.fields] if isinstance(found, Fields) else None
    return _known(found)


def _below(node: Node) -> list[Node]:
    found = [node]
    for one in found:
        found += one.named_children
    return found


def _known(value: CodeValue) -> list[CodeValue] | None:
    if isinstance(value, Items):
        texts = list(value.values)
    elif isinstance(value, Fields):
        texts = [one.value for one in value.fields]
    else:
        return None
    return texts if all(isinstance(one, Known) and isinstance(one.value, str) for one in texts) else None
