"""Follow an error through the code: is it tested, thrown, returned, passed on, or only logged?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionaudit.audits.code.model import Fate
from sessionaudit.audits.code.readers.typescript.branches import (
    ANSWERED,
    Hearing,
    best,
    branch,
    done_by,
    effect,
    is_pure,
    logs,
    thrown,
)
from sessionaudit.audits.code.readers.typescript.scopes import Binding, assignment_of, meets, resolve, uses
from sessionaudit.audits.code.readers.typescript.syntax import (
    FUNCTIONS,
    contains,
    field,
    function_around,
    inner,
    outer,
    same,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from sessionaudit.audits.code.readers.typescript.syntax import Script

_FAILS = re.compile(r"error|fail|status\W{1,3}[45]\d\d\b|(?:success|ok): false", re.IGNORECASE)
_OF_RESULT = {"data", "error", "count", "status", "statusText"}
_DEEPEST = 6  # names through which an error is followed
_PARTS = {
    *("template_substitution", "template_string", "array", "object", "pair", "spread_element", "await_expression"),
    *("new_expression",),
}


def after(source: Script, binding: Binding, since: Node) -> Iterator[Node]:
    """Return the uses of a name after a place at which it is set, until it is set anew."""
    here = function_around(source, since)
    for use in uses(source, binding):
        if use.start_byte < since.end_byte and (
            contains(since, use) or (use.start_byte < since.start_byte and same(function_around(source, use), here))
        ):
            continue
        assigned = assignment_of(source, use)
        if assigned is not None:
            optional, never = meets(source, assigned[0], since)
            if not optional and not never and same(function_around(source, use), here):
                return
            continue
        if not meets(source, use, since)[1]:
            yield use


def of_error_name(source: Script, name: Node, since: Node, depth: int = 0) -> Hearing:
    """Return what becomes of an error that is given a name at a place."""
    binding = resolve(source, source.text(name), name)
    if binding is None:
        return Hearing(Fate.UNKNOWN, name)
    found = best(of_error(source, use, depth) for use in after(source, binding, since))
    return found or Hearing(Fate.IGNORED, name)


def of_error(source: Script, node: Node, depth: int = 0) -> Hearing:
    """Return what becomes of an error where it stands in an expression."""
    there = True  # whether what is tested is true if there is an error
    start = node
    while True:
        node = outer(source, node)
        above = source.parent(node)
        if above is None:
            return Hearing(Fate.UNKNOWN, start)
        kind = above.type
        if kind == "member_expression" and same(field(above, "object"), node):
            call = source.parent(above)
            node = call if call is not None and call.type == "call_expression" else above
        elif kind == "unary_expression":
            there = there != source.text(above).startswith("!")
            node = above
        elif kind == "binary_expression":
            found, there = _operator(source, above, node, there=there)
            if found is not None:
                return found
            node = above
        elif kind == "arguments":
            call = source.parent(above)
            if call is None:
                return Hearing(Fate.UNKNOWN, start)
            if call.type == "new_expression" or is_pure(source, call):
                node = call
            else:
                if logs(source, call):
                    return Hearing(Fate.LOGGED, call)
                return done_by(source, call) or Hearing(Fate.HANDLED, call)
        elif kind in _PARTS:
            node = above
        elif kind in {"if_statement", "while_statement"}:
            return _tested(source, above, there=there)
        elif kind == "variable_declarator":
            return _renamed(source, above, depth)
        elif kind == "ternary_expression" and (found := _arm(source, above, node, there=there)) is not None:
            return found
        else:
            return _ends(source, above, node, start)


def _ends(source: Script, above: Node, node: Node, start: Node) -> Hearing:
    if above.type == "throw_statement":
        return thrown(source, above)
    if above.type == "expression_statement":
        return Hearing(Fate.IGNORED, node)
    if above.type == "assignment_expression" and same(field(above, "left"), node):
        return Hearing(Fate.IGNORED, node)
    if above.type == "return_statement" or (above.type == "arrow_function" and same(field(above, "body"), node)):
        return Hearing(Fate.RESULT if _is_result(source, node, start) else Fate.RETURNED, above)
    return Hearing(Fate.HANDLED, above)  # assigned, shown, or what is done depends on it


def _is_result(source: Script, returned: Node, error: Node) -> bool:
    """Tell whether what is returned has the error as a result of supabase-js has it: `{ data, error }`."""
    whole = inner(returned)
    if whole.type != "object":
        return False
    names: set[str] = set()
    for child in whole.named_children:
        key = field(child, "key")
        name = source.text(key or child)
        if child.type not in {"pair", "shorthand_property_identifier"} or name not in _OF_RESULT:
            return False
        if contains(child, error) and name != "error":
            return False
        names.add(name)
    return "error" in names


def _operator(source: Script, above: Node, node: Node, *, there: bool) -> tuple[Hearing | None, bool]:
    operator, left, right = field(above, "operator"), field(above, "left"), field(above, "right")
    sign = source.text(operator) if operator is not None else ""
    if sign == "&&" and same(left, node) and there and right is not None:
        statement = source.parent(outer(source, above))
        if statement is not None and statement.type == "expression_statement":
            return branch(source, statement) or Hearing(Fate.IGNORED, node), there
    if sign in {"===", "==", "!==", "!="}:
        other = right if same(left, node) else left
        nothing = other is not None and source.text(other) in {"null", "undefined"}
        return None, (there != (sign.startswith("="))) if nothing else there
    return None, there


def _arm(source: Script, choice: Node, node: Node, *, there: bool) -> Hearing | None:
    """Return what the arm of a failure does, of a choice whose value nobody uses; None for one whose value is used."""
    statement = source.parent(outer(source, choice))
    arm = field(choice, "consequence" if there else "alternative")
    if statement is None or statement.type != "expression_statement" or not same(field(choice, "condition"), node):
        return None
    return (effect(source, arm) if arm is not None else None) or Hearing(Fate.IGNORED, choice)


def _tested(source: Script, statement: Node, *, there: bool) -> Hearing:
    consequence, alternative = field(statement, "consequence"), field(statement, "alternative")
    if there:
        return branch(source, consequence) or Hearing(Fate.IGNORED, statement)
    if alternative is not None:
        return branch(source, alternative) or Hearing(Fate.IGNORED, statement)
    return Hearing(Fate.HANDLED, statement)  # what a success leads to is not done


def _renamed(source: Script, declarator: Node, depth: int) -> Hearing:
    name = field(declarator, "name")
    if name is None or depth > _DEEPEST:
        return Hearing(Fate.UNKNOWN, declarator)
    if name.type == "identifier":
        return of_error_name(source, name, declarator, depth + 1)
    return Hearing(Fate.HANDLED, declarator)


def compensates(source: Script, node: Node) -> Node | None:
    """Return the branch that a request stands in, if it only runs after a failure and answers that; None if not."""
    below = node
    for above in source.ancestors(node):
        if above.type == "catch_clause" or (above.type == "if_statement" and same(field(above, "consequence"), below)):
            told = above.type == "catch_clause" or _of_failure(source, above)
            answers = (_answers(source, child, node, told=told) for child in _statements(below, above))
            found = best(one for one in answers if one is not None)
            if found is not None and found.fate in ANSWERED:
                return above
        if above.type in FUNCTIONS:
            return None
        below = above
    return None


def _statements(below: Node, above: Node) -> list[Node]:
    body = field(above, "body") if above.type == "catch_clause" else below
    return body.named_children if body is not None else []


def _answers(source: Script, statement: Node, node: Node, *, told: bool) -> Hearing | None:
    """Return what a later statement says of a failure. Where no condition has told of one, it must do so itself."""
    if statement.end_byte <= node.start_byte or contains(statement, node):
        return None
    thrown_there = statement.type == "throw_statement"
    returned = statement.type == "return_statement" and (told or _FAILS.search(source.text(statement)))
    return branch(source, statement) if thrown_there or returned else None


def _of_failure(source: Script, statement: Node) -> bool:
    condition = field(statement, "condition")
    said = source.text(condition).lower() if condition is not None else ""
    return "err" in said and "!err" not in said
