"""Find where a name is set, and whether what is done at one place of a function happens before another."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from sessionaudit.audits.code.readers.python.settings import Sets, Setting
from sessionaudit.audits.code.readers.python.syntax import COMPREHENSIONS, children, contains, field, inner, same

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from sessionaudit.audits.code.readers.python.settings import Names
    from sessionaudit.audits.code.readers.python.syntax import PythonFile

_SCOPES = COMPREHENSIONS | {"module", "function_definition", "lambda", "class_definition"}
_LOOPS = ("for_statement", "while_statement")
# What runs in some runs only, or several times.
_CONDITIONAL = frozenset(
    "if_statement elif_clause else_clause for_statement while_statement except_clause except_group_clause case_clause "
    "conditional_expression boolean_operator function_definition lambda class_definition try_statement".split()
)
_ARMS = frozenset(("block", "elif_clause", "else_clause", "case_clause", "except_clause"))
_ENDS = frozenset(("return_statement", "raise_statement", "continue_statement", "break_statement"))


def names_of(source: PythonFile, scope: Node) -> Names:
    """Return the names that a scope sets, each with the places, in order."""
    found = source.scopes.get(scope.id)
    if found is None:
        made: Names = {}
        for name, setting in _settings(source, scope):
            made.setdefault(name, []).append(setting)
        found = source.scopes[scope.id] = made
    return found


def resolve(source: PythonFile, node: Node) -> tuple[Node, list[Setting]] | None:
    """Return the scope of a name, and the places at which it is set."""
    name, first = source.text(node), True
    for above in source.ancestors(node):
        if above.type not in _SCOPES:
            continue
        if above.type != "class_definition" or first:
            found = names_of(source, above).get(name)
            if found:
                return above, found
        first = first and above.type in COMPREHENSIONS
    return None


def reaching(source: PythonFile, scope: Node, settings: list[Setting], use: Node) -> list[Setting] | None:
    """Return the settings that a use of a name may see; None if that is not known."""
    if len(settings) == 1:
        return settings
    if not same(scope_of(source, use), scope):
        return None
    found: list[Setting] = []
    for one in settings:
        if one.sort is Sets.PARAMETER:
            found = [one]
            continue
        if contains(one.node, use) and one.sort is not Sets.LOOP:
            continue
        if one.node.start_byte > use.start_byte:
            loop = next((each for each in source.ancestors(use) if each.type in _LOOPS), None)
            if loop is not None and contains(loop, one.node):
                return None
            continue
        optional, never = meets(source, one.node, use)
        if not never:
            found = [*found, one] if optional else [one]
    return found or None


def scope_of(source: PythonFile, node: Node) -> Node:
    """Return the function or the module that a node is in."""
    kinds = ("function_definition", "lambda", "module")
    return next((above for above in source.ancestors(node) if above.type in kinds), source.root)


def meets(source: PythonFile, first: Node, at: Node) -> tuple[bool, bool]:
    """Tell of a place whether it comes before another one in some runs only, and whether it never does."""
    path: list[Node] = []
    below, common = first, source.root
    for above in source.ancestors(first):
        if contains(above, at):
            common = above
            break
        path.append(above)
        below = above
    other = next((child for child in common.named_children if contains(child, at)), None)
    if other is not None and below.type in _ARMS and other.type in _ARMS:
        if common.type == "if_statement" or below.type == other.type in {"case_clause", "except_clause"}:
            return True, True
        if below.type == "else_clause" and other.type == "except_clause":
            return True, True
    optional = False
    for one in path:
        last = children(one)[-1] if one.type == "block" and children(one) else None
        if last is not None and last.type in _ENDS and not _whole_body(source, one):
            return True, True
        optional = optional or one.type in _CONDITIONAL
    arm = common.type in {*_CONDITIONAL, "try_statement"} and below.type in _ARMS and not _first_of_try(common, below)
    return optional or (
        arm
        and common.type not in {"function_definition", "class_definition"}
        and other is not None
        and not same(other, below)
    ), False


def _whole_body(source: PythonFile, block: Node) -> bool:
    above = source.parent(block)
    return above is not None and above.type in {"try_statement", "function_definition", "class_definition"}


def _first_of_try(common: Node, below: Node) -> bool:
    return common.type == "try_statement" and below.type == "block"


@cache
def _name(name: str) -> re.Pattern[bytes]:
    return re.compile(rb"(?<!\w)" + re.escape(name.encode()) + rb"(?!\w)")


def uses(source: PythonFile, name: str, scope: Node) -> Iterator[Node]:
    """Return where a name stands in a scope, but not as an attribute or an argument's name."""
    for node in source.words(_name(name), scope):
        if node.type != "identifier":
            continue
        above = source.parent(node)
        if above is None or (above.type == "attribute" and same(field(above, "attribute"), node)):
            continue
        if above.type == "keyword_argument" and same(field(above, "name"), node):
            continue
        yield node


def assigned_name(source: PythonFile, value: Node) -> Node | None:
    """Return the name that is set to a value, as in `name = value`."""
    node = value
    while (above := source.parent(node)) is not None and above.type in {"parenthesized_expression", "await"}:
        node = above
    if above is None or above.type not in {"assignment", "named_expression"}:
        return None
    left = field(above, "left") or field(above, "name")
    right = field(above, "right") or field(above, "value")
    return left if left is not None and left.type == "identifier" and same(right, node) else None


def _settings(source: PythonFile, scope: Node) -> Iterator[tuple[str, Setting]]:
    if scope.type in {"function_definition", "lambda"}:
        parameters = field(scope, "parameters")
        for one in children(parameters) if parameters is not None else ():
            yield from _parameter(source, one)
    for child in scope.named_children:
        if child.type not in {"parameters", "lambda_parameters", "argument_list"}:
            yield from _within(source, child)


def _parameter(source: PythonFile, node: Node) -> Iterator[tuple[str, Setting]]:
    name = field(node, "name") or node
    while name.type != "identifier" and name.named_children:
        name = name.named_children[0]
    yield source.text(name), Setting(Sets.PARAMETER, node, field(node, "value"), field(node, "type"))


def _within(source: PythonFile, node: Node) -> Iterator[tuple[str, Setting]]:
    kind = node.type
    name = field(node, "name")
    if kind in {"function_definition", "class_definition"}:
        if name is not None:
            yield source.text(name), Setting(Sets.FUNCTION if kind[0] == "f" else Sets.CLASS, node)
        return
    if kind in COMPREHENSIONS or kind == "lambda":
        return
    if kind in {"import_from_statement", "import_statement"}:
        yield from _imports(source, node)
        return
    left, right = field(node, "left"), field(node, "right")
    if kind == "assignment" and left is not None and right is not None:
        while right.type == "assignment" and (after := field(right, "right")) is not None:
            right = after
        yield from _targets(source, left, node, right, Sets.VALUE)
    elif kind == "augmented_assignment" and left is not None and left.type == "identifier":
        yield source.text(left), Setting(Sets.OTHER, node)
    elif kind == "named_expression" and name is not None:
        yield source.text(name), Setting(Sets.VALUE, node, field(node, "value"))
    elif kind in {"for_statement", "for_in_clause"} and left is not None and right is not None:
        yield from _targets(source, left, node, right, Sets.LOOP)
    elif kind == "as_pattern":
        alias, value = field(node, "alias"), children(node)[0] if children(node) else None
        above = source.parent(node)
        if alias is not None and alias.named_children:
            sort = Sets.WITH if above is not None and above.type == "with_item" else Sets.OTHER
            yield from _targets(source, alias.named_children[0], node, value, sort)
    for child in node.named_children:
        yield from _within(source, child)


def _targets(
    source: PythonFile, left: Node, node: Node, value: Node | None, sort: Sets
) -> Iterator[tuple[str, Setting]]:
    left = inner(left)
    if left.type == "identifier":
        above = left.parent
        kind = field(above, "type") if above is not None and above.type == "assignment" else None
        yield source.text(left), Setting(sort, node, value, kind)
    elif left.type in {"pattern_list", "tuple_pattern", "list_pattern"}:
        names = children(left)
        values = children(value) if value is not None and value.type in {"expression_list", "tuple", "list"} else []
        each = len(names) == len(values) and sort is Sets.VALUE
        for place, one in enumerate(names):
            yield from _targets(source, one, node, values[place] if each else None, sort if each else Sets.OTHER)


def _imports(source: PythonFile, node: Node) -> Iterator[tuple[str, Setting]]:
    module = field(node, "module_name")
    for one in node.children_by_field_name("name"):
        name, alias = field(one, "name") or one, field(one, "alias")
        said = source.text(name)
        known = source.text(alias) if alias is not None else said if module is not None else said.split(".")[0]
        origin = source.text(module) if module is not None else said
        yield known, Setting(Sets.IMPORT, node, origin=origin, imported=said if module is not None else "")
