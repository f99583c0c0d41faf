"""Find what a name stands for: the declarations of each scope, and where a name is used and assigned to."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, cast

from msgspec import Struct

from sessionaudit.audits.code.readers.typescript.syntax import (
    FUNCTIONS,
    contains,
    field,
    name_pattern,
    outer,
    same,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tree_sitter import Node

    from sessionaudit.audits.code.readers.typescript.syntax import Script

REST = "..."
_DECLARATIONS = {"lexical_declaration", "variable_declaration"}
_CLASSES = {"class_declaration", "abstract_class_declaration"}
_BLOCKS = {"program", "statement_block", "switch_body", "class_static_block"}
_LOOPS = {"for_statement", "for_in_statement", "while_statement", "do_statement"}
_SCOPES = _BLOCKS | FUNCTIONS | {"for_in_statement", "for_statement", "catch_clause"}
_NAMES = {"identifier", "shorthand_property_identifier", "shorthand_property_identifier_pattern"}
_CONDITIONAL = (
    FUNCTIONS | _LOOPS | {"if_statement", "switch_case", "switch_default", "ternary_expression", "catch_clause"}
)
_SHORT_CUTS = {"&&", "||", "??"}


class Declares(Enum):
    """What declares a name."""

    VARIABLE = 1
    PARAMETER = 2
    FUNCTION = 3
    CLASS = 4
    ENUM = 5
    IMPORT = 6
    LOOP = 7
    CATCH = 8
    TYPE = 9


class Binding(Struct, frozen=True, kw_only=True):
    """A name in a scope.

    `node` is the whole declaration, `at` the name in it. `value` is what it is first set to; `path` are the fields and
    positions that a pattern takes out of that, and `default` is what stands where there is none. Of an import `path`
    has the exported name, `*` for all of them, and `value` is the text of the module's name.
    """

    name: str
    sort: Declares
    node: Node
    at: Node
    scope: Node
    value: Node | None = None
    path: tuple[str | int, ...] = ()
    default: Node | None = None


def resolve(source: Script, name: str, at: Node, *, types: bool = False) -> Binding | None:
    """Return what a name stands for at a place of a file; None if the file does not define it."""
    key = f"type {name}" if types else name
    scope = _scope_around(source, at)
    while scope is not None:
        found = declared(source, scope).get(key)
        # The list that a loop runs through does not see the loop's variable.
        if found is not None and not (found.sort is Declares.LOOP and contains(found.value, at)):
            return found
        scope = _scope_around(source, scope)
    return None


def _scope_around(source: Script, node: Node) -> Node | None:
    try:
        return source.around[node.id]
    except KeyError:
        above = source.parent(node)
        while above is not None and above.type not in _SCOPES:
            above = source.parent(above)
        source.around[node.id] = above
        return above


def declared(source: Script, scope: Node) -> dict[str, Binding]:
    """Return the names that a scope itself declares; of types as `type NAME`."""
    known = source.scopes.get(scope.id)
    if known is None:
        found: dict[str, Binding] = {}
        for binding in _declared(source, scope):
            found.setdefault(f"type {binding.name}" if binding.sort is Declares.TYPE else binding.name, binding)
        known = source.scopes[scope.id] = cast("dict[str, object]", found)
    return cast("dict[str, Binding]", known)


def _declared(source: Script, scope: Node) -> Iterator[Binding]:
    if scope.type in _BLOCKS:
        yield from _of_statements(source, scope, scope.named_children)
    elif scope.type in FUNCTIONS:
        own = field(scope, "name")
        if scope.type == "function_expression" and own is not None:
            yield Binding(name=source.text(own), sort=Declares.FUNCTION, node=scope, at=own, scope=scope)
        one, several = field(scope, "parameter"), field(scope, "parameters")
        for parameter in (one,) if one is not None else several.named_children if several is not None else ():
            pattern, default = field(parameter, "pattern"), field(parameter, "value")
            yield from _names(source, scope, parameter, Declares.PARAMETER, pattern or parameter, None, (), default)
    elif scope.type == "for_in_statement":
        left = field(scope, "left")
        if left is not None and field(scope, "kind") is not None:
            yield from _names(source, scope, scope, Declares.LOOP, left, field(scope, "right"))
    elif scope.type == "for_statement":
        yield from _of_statements(source, scope, scope.children_by_field_name("initializer"))
    elif scope.type == "catch_clause":
        caught = field(scope, "parameter")
        if caught is not None:
            yield from _names(source, scope, scope, Declares.CATCH, caught, None)


def _of_statements(source: Script, scope: Node, statements: Iterable[Node]) -> Iterator[Binding]:
    for statement in statements:
        kind, name = statement.type, field(statement, "name")
        if kind in _DECLARATIONS:
            for part in statement.named_children:
                pattern = field(part, "name")
                if part.type == "variable_declarator" and pattern is not None:
                    yield from _names(source, scope, part, Declares.VARIABLE, pattern, field(part, "value"))
        elif kind in {"export_statement", "ERROR", "switch_case", "switch_default", "ambient_declaration"}:
            yield from _of_statements(source, scope, statement.named_children)
        elif kind == "import_statement":
            yield from _imported(source, scope, statement)
        elif name is None:
            continue
        elif kind in FUNCTIONS:
            yield Binding(name=source.text(name), sort=Declares.FUNCTION, node=statement, at=name, scope=scope)
        elif kind in _CLASSES:
            yield Binding(name=source.text(name), sort=Declares.CLASS, node=statement, at=name, scope=scope)
        elif kind == "enum_declaration":
            yield Binding(name=source.text(name), sort=Declares.ENUM, node=statement, at=name, scope=scope)
        elif kind in {"type_alias_declaration", "interface_declaration"}:
            yield Binding(name=source.text(name), sort=Declares.TYPE, node=statement, at=name, scope=scope)


def _names(
    source: Script,
    scope: Node,
    node: Node,
    sort: Declares,
    pattern: Node,
    value: Node | None,
    path: tuple[str | int, ...] = (),
    default: Node | None = None,
) -> Iterator[Binding]:
    kind = pattern.type
    if kind in _NAMES:
        name = source.text(pattern)
        yield Binding(name=name, sort=sort, node=node, at=pattern, scope=scope, value=value, path=path, default=default)
        return
    for below, inside, otherwise in taken(source, pattern):
        given = otherwise if otherwise is not None else default
        yield from _names(source, scope, node, sort, inside, value, (*path, *below), given)


def taken(source: Script, pattern: Node) -> Iterator[tuple[tuple[str | int, ...], Node, Node | None]]:
    """Return the parts of a pattern: the field or position of each, its own pattern, and its default."""
    left, right = field(pattern, "left"), field(pattern, "right")
    if pattern.type in {"assignment_pattern", "object_assignment_pattern"} and left is not None:
        yield (), left, right
    elif pattern.type == "array_pattern":
        position = 0
        for child in pattern.children:
            if child.type == ",":
                position += 1
            elif child.is_named and child.type != "comment":
                yield (position,), child, None
    elif pattern.type == "rest_pattern":
        for child in pattern.named_children:
            yield (REST,), child, None
    elif pattern.type == "object_pattern":
        for child in pattern.named_children:
            key, value = field(child, "key"), field(child, "value")
            left = field(child, "left")
            if child.type == "pair_pattern" and key is not None and value is not None:
                yield (source.text(key).strip("'\""),), value, None
            elif child.type == "object_assignment_pattern" and left is not None:
                yield (source.text(left),), left, field(child, "right")
            elif child.type == "shorthand_property_identifier_pattern":
                yield (source.text(child),), child, None
            elif child.type == "rest_pattern":
                yield (), child, None


def beside(source: Script, binding: Binding) -> frozenset[str] | None:
    """Return the fields that a pattern takes beside a rest, which does not have them; None if one is computed."""
    rest = source.parent(binding.at)
    pattern = source.parent(rest) if rest is not None else None
    if pattern is None or pattern.type != "object_pattern":
        return frozenset()
    names = frozenset(str(path[0]) for path, _, _ in taken(source, pattern) if path)
    return None if any(name.startswith("[") for name in names) else names


def repeated(source: Script, node: Node, binding: Binding) -> bool:
    """Tell whether a statement may run several times while a name is declared once."""
    return any(above.type in _LOOPS and not contains(above, binding.at) for above in source.ancestors(node))


def _imported(source: Script, scope: Node, statement: Node) -> Iterator[Binding]:
    module = field(statement, "source")
    clause = next((child for child in statement.named_children if child.type == "import_clause"), None)
    if module is None or clause is None:
        return

    def one(at: Node, exported: str) -> Binding:
        name = source.text(at)
        return Binding(
            name=name, sort=Declares.IMPORT, node=statement, at=at, scope=scope, value=module, path=(exported,)
        )

    for part in clause.named_children:
        if part.type == "identifier":
            yield one(part, "default")
        elif part.type == "namespace_import":
            yield from (one(child, "*") for child in part.named_children)
        elif part.type == "named_imports":
            for specifier in part.named_children:
                name = field(specifier, "name")
                if name is not None:
                    yield one(field(specifier, "alias") or name, source.text(name))


def uses(source: Script, binding: Binding) -> list[Node]:
    """Return the places where a name is used, in order, but not where it is declared."""
    known = source.uses.get(binding.at.id)
    if known is not None:
        return known
    found = source.uses[binding.at.id] = []
    for node in source.words(name_pattern(binding.name), binding.scope):
        if node.type in _NAMES and not same(node, binding.at):
            meant = resolve(source, binding.name, node)
            if meant is not None and same(meant.at, binding.at):
                found.append(node)
    return found


def assignment_of(source: Script, use: Node) -> tuple[Node, tuple[str | int, ...]] | None:
    """Return the assignment that a name stands on the left of, and what its pattern takes; None if there is none."""
    path: tuple[str | int, ...] = ()
    node = use
    for above in source.ancestors(use):
        if above.type in {"assignment_expression", "augmented_assignment_expression"}:
            return (above, path) if same(field(above, "left"), node) else None
        if above.type in {"object_pattern", "array_pattern"}:
            parts = [below for below, inside, _ in taken(source, above) if contains(inside, use)]
            path = (*(parts[0] if parts else ()), *path)
        elif above.type not in {"pair_pattern", "assignment_pattern", "object_assignment_pattern", "rest_pattern"}:
            return None
        node = above
    return None


def meets(source: Script, one: Node, other: Node) -> tuple[bool, bool]:
    """Tell whether `one` runs only in some of the runs in which `other` does, and whether it never runs with it.

    It is asked of two places, of which `one` stands before the other or changes what the other uses.
    """
    around = {above.id for above in source.ancestors(other)} | {other.id}
    optional, below = False, one
    for above in source.ancestors(one):
        if above.id in around:
            return optional or _short_cut(source, above, below), _apart(above, below, other)
        if (above.type in _CONDITIONAL and not _is_condition(above, below)) or _short_cut(source, above, below):
            optional = True
        below = above
    return optional, False


def _is_condition(above: Node, below: Node) -> bool:
    return same(field(above, "condition"), below) or (
        above.type in {"for_in_statement", "for_statement"} and not same(field(above, "body"), below)
    )


def _short_cut(source: Script, above: Node, below: Node) -> bool:
    operator = field(above, "operator") if above.type == "binary_expression" else None
    return operator is not None and source.text(operator) in _SHORT_CUTS and same(field(above, "right"), below)


def _apart(above: Node, below: Node, other: Node) -> bool:
    """Tell whether two places are in different arms of one condition."""
    if above.type in {"if_statement", "ternary_expression"}:
        arms = [field(above, "consequence"), field(above, "alternative")]
        mine = next((arm for arm in arms if same(arm, below)), None)
        return mine is not None and any(contains(arm, other) for arm in arms if not same(arm, mine))
    return above.type == "switch_body" and not contains(below, other)


def lasting(source: Script, node: Node) -> Node:
    """Return the largest node that has the value of a node, whichever arm of a condition it stands in."""
    while True:
        node = outer(source, node)
        above = source.parent(node)
        if above is None:
            return node
        arms = above.type == "ternary_expression" and not same(field(above, "condition"), node)
        if arms or _short_cut(source, above, node):
            node = above
        else:
            return node
