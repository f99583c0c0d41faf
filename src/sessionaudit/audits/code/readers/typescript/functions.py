"""Find the function that a call calls, in whichever file it stands, and the name by which a function is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.code.readers.typescript.modules import Place, required
from sessionaudit.audits.code.readers.typescript.scopes import Declares, resolve
from sessionaudit.audits.code.readers.typescript.syntax import FUNCTIONS, arguments, callee, field, inner, member, same

if TYPE_CHECKING:
    from tree_sitter import Node

    from sessionaudit.audits.code.readers.typescript.modules import ScriptModules
    from sessionaudit.audits.code.readers.typescript.scopes import Binding
    from sessionaudit.audits.code.readers.typescript.syntax import Script

_CLASSES = {"class_declaration", "abstract_class_declaration", "class"}
_FIELDS = {"public_field_definition", "field_definition"}
# What returns the function that it is given, or one that calls it and returns the same.
_AROUND = {"cache", "useCallback", "React.cache", "React.useCallback", "memo", "memoize"}


def function_of(place: Place) -> Node | None:
    """Return the function that a name stands for, also one in `cache(…)`."""
    value = place.node if place.binding is None or place.node.type in FUNCTIONS else place.binding.value
    if value is None or (place.binding is not None and place.binding.path):
        return None
    value = inner(value)
    if value.type == "call_expression" and arguments(value):
        value = inner(arguments(value)[0])
    return value if value.type in FUNCTIONS else None


def method_of(source: Script, body: Node | None, name: str) -> Node | None:
    """Return a method of the body of a class, or a field of it that is set to a function."""
    for child in body.named_children if body is not None else ():
        own, value = field(child, "name") or field(child, "property"), field(child, "value")
        if own is None or source.text(own) != name:
            continue
        if child.type == "method_definition":
            return child
        if child.type in _FIELDS and value is not None and inner(value).type in FUNCTIONS:
            return inner(value)
    return None


def method_around(source: Script, owner: Node, name: str) -> Node | None:
    """Return a method of the class that `this` stands in."""
    body = next((above for above in source.ancestors(owner) if above.type == "class_body"), None)
    return method_of(source, body, name)


def called(modules: ScriptModules, source: Script, call: Node) -> Place | None:
    """Return the function that a call calls, None if the text does not tell which."""
    node = callee(call)
    return _meant(modules, source, node) if node is not None else None


def _meant(modules: ScriptModules, source: Script, node: Node) -> Place | None:
    place = _value(modules, source, node)
    if place is None or (place.binding is not None and not _is_constant(place.source, place.binding)):
        return None
    function = function_of(place)
    return Place(place.source, function) if function is not None else None


def function_meant(modules: ScriptModules, source: Script, node: Node) -> tuple[Script, Node] | None:
    """Return the function that an expression means, with its file; None if the text does not tell which."""
    place = _meant(modules, source, node)
    return (place.source, place.node) if place is not None else None


def _value(modules: ScriptModules, source: Script, node: Node) -> Place | None:
    """Return what a name, or a part of what a name stands for, is declared as; None if the text does not tell."""
    node = inner(node, awaits=True)
    if node.type == "identifier":
        return _named(modules, source, node)
    if node.type in {"new_expression", "object"} | FUNCTIONS:
        return Place(source, node)
    found = member(source, node)
    if found is None:
        module = required(source, node)
        other = modules.module(source, source.text(module)[1:-1]) if module is not None else None
        return Place(other, other.root) if other is not None else None
    owner, name = inner(found[0], awaits=True), found[1]
    if owner.type == "this":
        method = method_around(source, owner, name)
        return Place(source, method) if method is not None else None
    whole = _value(modules, source, owner)
    return _part(modules, whole, name) if whole is not None else None


def _named(modules: ScriptModules, source: Script, node: Node) -> Place | None:
    binding = resolve(source, source.text(node), node)
    if binding is None or binding.sort in {Declares.PARAMETER, Declares.LOOP, Declares.CATCH}:
        return None
    return modules.of_binding(source, binding)


def _is_constant(source: Script, binding: Binding) -> bool:
    if binding.sort is not Declares.VARIABLE:
        return True
    declaring = source.parent(binding.node)
    kind = field(declaring, "kind") if declaring is not None else None
    return kind is not None and source.text(kind) == "const"


def _part(modules: ScriptModules, place: Place, name: str) -> Place | None:
    source = place.source
    if same(place.node, source.root):
        return modules.exported(source, name)
    if place.binding is not None and (place.binding.path or not _is_constant(source, place.binding)):
        return None
    value = place.binding.value if place.binding is not None else None
    node = inner(value if value is not None else place.node, awaits=True)
    if node.type == "object":
        return _of_object(modules, source, node, name)
    if node.type in _CLASSES:
        method = method_of(source, field(node, "body"), name)
        return Place(source, method) if method is not None else None
    maker = field(node, "constructor") if node.type == "new_expression" else None
    made = _named(modules, source, maker) if maker is not None and maker.type == "identifier" else None
    if made is not None and made.node.type in _CLASSES:
        method = method_of(made.source, field(made.node, "body"), name)
        return Place(made.source, method) if method is not None else None
    return None


def _of_object(modules: ScriptModules, source: Script, node: Node, name: str) -> Place | None:
    for child in node.named_children:
        key, value = field(child, "key") or field(child, "name"), field(child, "value")
        if child.type == "shorthand_property_identifier" and source.text(child) == name:
            return _named(modules, source, child)
        if key is None or source.text(key).strip("'\"") != name:
            continue
        return Place(source, child) if child.type == "method_definition" else _value(modules, source, value or key)
    return None


def name_of(source: Script, function: Node) -> str:
    """Return the name by which a function is called; "" for one that is only given to another."""
    own = field(function, "name")
    if own is not None:
        return source.text(own)
    node = function
    while (above := source.parent(node)) is not None:
        if above.type == "variable_declarator" and same(field(above, "value"), node):
            name = field(above, "name")
            return source.text(name) if name is not None and name.type == "identifier" else ""
        if above.type == "pair" or above.type in _FIELDS:
            key = field(above, "key") or field(above, "name") or field(above, "property")
            return source.text(key).strip("'\"") if key is not None else ""
        if above.type == "assignment_expression":
            left = field(above, "left")
            return source.text(left).rsplit(".", 1)[-1] if left is not None else ""
        if above.type == "export_statement":
            return source.path.stem
        call = source.parent(above) if above.type == "arguments" else None
        called_there = field(call, "function") if call is not None else None
        if above.type == "arguments" and (called_there is None or source.text(called_there) not in _AROUND):
            return ""
        if above.type not in {"arguments", "call_expression", "parenthesized_expression", "as_expression"}:
            return ""
        node = above
    return ""


def owner_of(source: Script, function: Node) -> str:
    """Return the name of the object or the class of a file that has a function; "" for one that stands alone."""
    for above in source.ancestors(function):
        if above.type == "variable_declarator" or above.type in _CLASSES:
            name, value = field(above, "name"), field(above, "value")
            alone = value is not None and inner(value).type in FUNCTIONS
            if name is not None and not alone and same(_statement_around(source, above), source.root):
                return source.text(name)
    return ""


def _statement_around(source: Script, node: Node) -> Node | None:
    above = source.parent(node)
    while above is not None and above.type in {"lexical_declaration", "variable_declaration", "export_statement"}:
        above = source.parent(above)
    return above
