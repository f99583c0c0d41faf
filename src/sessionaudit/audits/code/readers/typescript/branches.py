"""Say what code does about a failure: what a branch does that only runs after one, and who catches what is thrown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.audits.code.model import Fate
from sessionaudit.audits.code.readers.typescript.entering import entered
from sessionaudit.audits.code.readers.typescript.syntax import (
    FUNCTIONS,
    arguments,
    callee,
    dotted,
    field,
    inner,
    is_async,
    method,
    name_pattern,
    outer,
    same,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tree_sitter import Node

    from sessionaudit.audits.code.readers.typescript.syntax import Script

# From what says least of a failure to what says most.
_ORDER = (
    *(Fate.UNSENT, Fate.IGNORED, Fate.LOGGED, Fate.SWALLOWED, Fate.UNKNOWN),
    *(Fate.RESULT, Fate.RETURNED, Fate.THROWN, Fate.HANDLED),
)
_RANK = {fate: rank for rank, fate in enumerate(_ORDER)}
ANSWERED = frozenset((Fate.RESULT, Fate.RETURNED, Fate.THROWN, Fate.HANDLED))
_LOG = re.compile(
    r"(?:^|\.)(?:console|logger|log|debug|winston|pino|\w*[lL]ogger)\.\w+$|^(?:log|debug|warn|print|log[A-Z]\w*|debug[A-Z]\w*)$"
)
_PURE = re.compile(r"^(?:JSON\.stringify|String|Number|Boolean|Object\.\w+|Array\.isArray|performance\.now|Date\.now)$")
_BLOCKS = {
    *("statement_block", "else_clause", "switch_statement", "switch_body", "switch_case", "switch_default"),
    *("for_statement", "for_in_statement", "while_statement", "do_statement", "labeled_statement", "finally_clause"),
    *("try_statement",),
}


class Hearing(NamedTuple):
    """What becomes of a failure, and the node that says so."""

    fate: Fate
    at: Node


def rank(fate: Fate) -> int:
    """Return a number that is the larger the more a fate says of a failure."""
    return _RANK[fate]


def best(outcomes: Iterable[Hearing]) -> Hearing | None:
    """Return the outcome that does most about a failure; None of none."""
    return max(outcomes, key=lambda one: _RANK[one.fate], default=None)


def worst(outcomes: Iterable[Hearing]) -> Hearing | None:
    """Return the outcome of which one must be told; None of none."""
    found = list(outcomes)
    known = [one for one in found if one.fate is not Fate.UNKNOWN]
    return min(known or found, key=lambda one: _RANK[one.fate], default=None)


def logs(source: Script, call: Node) -> bool:
    """Tell whether a call only writes to a log."""
    called = callee(call)
    return called is not None and _LOG.search(dotted(source, called)) is not None


def is_log(source: Script, function: Node) -> bool:
    """Tell whether a function is one that only writes to a log."""
    return _LOG.search(dotted(source, function)) is not None


def is_pure(source: Script, call: Node) -> bool:
    """Tell whether a call does nothing but return a value."""
    called = callee(call)
    return called is not None and _PURE.search(dotted(source, called)) is not None


def branch(source: Script, node: Node | None) -> Hearing | None:
    """Return what a branch does about the failure that led to it; None if it does nothing at all."""
    if node is None:
        return None
    kind = node.type
    if kind == "throw_statement":
        return thrown(source, node)
    if kind == "return_statement":
        return Hearing(Fate.RETURNED if node.named_children else Fate.HANDLED, node)
    if kind in {"continue_statement", "break_statement"}:
        return Hearing(Fate.UNKNOWN, node)  # unless it is logged before
    if kind == "expression_statement":
        return effect(source, node.named_children[0]) if node.named_children else None
    if kind == "if_statement":
        arms = (field(node, "consequence"), field(node, "alternative"))
        return best(one for arm in arms if (one := branch(source, arm)) is not None)
    if kind in {"lexical_declaration", "variable_declaration"}:
        values = [field(part, "value") for part in node.named_children]
        waits = [one for one in values if one is not None and one.type == "await_expression"]
        return Hearing(Fate.HANDLED, waits[0]) if waits else None
    if kind in _BLOCKS:
        found = [one for child in node.named_children if (one := branch(source, child)) is not None]
        logged = [one for one in found if one.fate is Fate.LOGGED]
        return best(one for one in found if one.fate is not Fate.UNKNOWN or not logged)
    return None


def effect(source: Script, node: Node) -> Hearing | None:
    """Return what an expression, whose value nobody uses, does about a failure; None if it does nothing at all."""
    value = inner(node, awaits=True)
    if value.type in {"call_expression", "new_expression"}:
        if is_pure(source, value):
            return None
        if logs(source, value):
            return Hearing(Fate.LOGGED, value)
        return done_by(source, value) or Hearing(Fate.HANDLED, value)
    if value.type in {"assignment_expression", "augmented_assignment_expression", "update_expression"}:
        return Hearing(Fate.HANDLED, value)
    if value.type == "unary_expression":
        operand = field(value, "argument")
        return effect(source, operand) if operand is not None else None
    if value.type in {"ternary_expression", "binary_expression", "sequence_expression"}:
        return best(one for child in value.named_children if (one := effect(source, child)) is not None)
    return None


def done_by(source: Script, call: Node) -> Hearing | None:
    """Return what a function of the project does about a failure where it is called after one; None if not known.

    All that it does counts, whether it is given the error or not.
    """
    with entered(source, call) as place:
        found = answer(*place) if place is not None else None
        if place is None or found is None:
            return None
    return answered_by(source, call, place[1], found)


def answered_by(source: Script, call: Node, function: Node, found: Hearing) -> Hearing | None:
    """Return what becomes of a failure at a call of a function that does something about it."""
    if found.fate is Fate.THROWN:
        above = source.parent(outer(source, call))
        waits = above is not None and above.type == "await_expression"
        return thrown(source, call) if waits or not is_async(function) else None
    if found.fate in {Fate.LOGGED, Fate.SWALLOWED, Fate.IGNORED}:
        return Hearing(found.fate, call)
    return None  # handled there, or by what its value is used for


def answer(source: Script, function: Node) -> Hearing | None:
    """Return what a function does about the failure that it is given, such as that of `.catch(…)`."""
    if function.type not in FUNCTIONS:
        return Hearing(Fate.LOGGED if is_log(source, function) else Fate.HANDLED, function)
    body = field(function, "body")
    if body is None or body.type == "statement_block":
        return branch(source, body)
    return effect(source, body)


def thrown(source: Script, node: Node) -> Hearing:
    """Return what becomes of what is thrown at a place."""
    below = node
    for above in source.ancestors(node):
        if above.type == "try_statement" and same(field(above, "body"), below):
            handler = field(above, "handler")
            if handler is not None:
                found = _caught(handler, branch(source, field(handler, "body")))
                remembers = found.fate is Fate.SWALLOWED and _remembers(source, above, node)
                return Hearing(Fate.HANDLED, handler) if remembers else found
        elif above.type in FUNCTIONS:
            handler = _catches(source, above)
            return _caught(handler, answer(source, handler)) if handler else Hearing(Fate.THROWN, node)
        below = above
    return Hearing(Fate.HANDLED, node)


def _caught(handler: Node, found: Hearing | None) -> Hearing:
    if found is None or found.fate in {Fate.LOGGED, Fate.IGNORED}:
        return Hearing(Fate.SWALLOWED, handler)
    return found


def _remembers(source: Script, statement: Node, node: Node) -> bool:
    """Tell whether a `try` notes behind a place that it went well, as in `done = true`, for what comes after it."""
    body, around = field(statement, "body"), source.parent(statement)
    for child in body.named_children if body is not None and around is not None else ():
        assigned = child.named_children[0] if child.type == "expression_statement" and child.named_children else child
        name = field(assigned, "left") if assigned.type == "assignment_expression" else None
        if child.start_byte <= node.end_byte or name is None or name.type != "identifier" or around is None:
            continue
        if name_pattern(source.text(name)).search(source.bytes, statement.end_byte, around.end_byte):
            return True
    return False


def _catches(source: Script, function: Node) -> Node | None:
    """Return the function in `.catch(…)` that gets what a callback throws, or a function that is called at once."""
    around = source.parent(function)
    node = source.parent(around) if around is not None else None
    while node is not None and around is not None and around.type in {"parenthesized_expression", "arguments"}:
        if node.type != "call_expression":
            return None
        above = source.parent(node)
        call = source.parent(above) if above is not None else None
        if above is None or above.type != "member_expression" or call is None or call.type != "call_expression":
            return None
        found = method(source, call)
        if found is not None and found[1] == "catch" and arguments(call):
            return inner(arguments(call)[0])
        node = call
    return None
