"""Say what becomes of a failed request: supabase-js returns the error with the data, and does not throw it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.code.model import Fate
from sessionaudit.audits.code.readers.typescript.branches import (
    ANSWERED,
    Hearing,
    answer,
    answered_by,
    best,
    branch,
    is_log,
    logs,
    thrown,
    worst,
)
from sessionaudit.audits.code.readers.typescript.entering import entered, parameter_of
from sessionaudit.audits.code.readers.typescript.failures import (
    after,
    compensates,
    of_error,
    of_error_name,
)
from sessionaudit.audits.code.readers.typescript.scopes import Binding, lasting, resolve, taken
from sessionaudit.audits.code.readers.typescript.syntax import (
    FUNCTIONS,
    arguments,
    callee,
    contains,
    dotted,
    field,
    inner,
    member,
    method,
    same,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from sessionaudit.audits.code.readers.typescript.syntax import Script

_TOGETHER = {"Promise.all", "Promise.allSettled", "Promise.race", "Promise.any"}
# What calls a function and throws its result away.
_LATER = {"setTimeout", "setInterval", "setImmediate", "queueMicrotask", "requestAnimationFrame"}
_LEAVES_ERROR = {"data", "count", "length"}


def of_result(source: Script, node: Node, *, throws: bool = False) -> Hearing:
    """Return what becomes of the failure of a request whose result stands at a node. `throws`: it throws its error."""
    found = thrown(source, node) if throws else _result(source, node)
    if found.fate in {Fate.IGNORED, Fate.LOGGED}:
        branch_of_failure = compensates(source, node)
        if branch_of_failure is not None:
            return Hearing(Fate.HANDLED, branch_of_failure)
    return found


def _result(source: Script, node: Node) -> Hearing:
    node = lasting(source, node)
    above = source.parent(node)
    if above is None:
        return Hearing(Fate.UNKNOWN, node)
    kind = above.type
    if kind == "expression_statement":
        return Hearing(Fate.IGNORED, node)
    if kind == "await_expression":
        return _result(source, above)
    if kind == "unary_expression":
        return Hearing(Fate.IGNORED if source.text(above).startswith("void") else Fate.UNKNOWN, node)
    if kind == "variable_declarator":
        name = field(above, "name")
        return _given(source, name, above) if name is not None else Hearing(Fate.UNKNOWN, above)
    if kind == "assignment_expression" and same(field(above, "right"), node):
        left = field(above, "left")
        return _given(source, left, above) if left is not None else Hearing(Fate.UNKNOWN, above)
    if kind in {"member_expression", "subscript_expression"}:
        found = member(source, above)
        if found is not None and found[1] in _LEAVES_ERROR:
            return Hearing(Fate.IGNORED, above)
        return of_error(source, above) if found is not None else Hearing(Fate.UNKNOWN, above)
    if kind == "arguments":
        call = source.parent(above)
        if call is None or logs(source, call):
            return Hearing(Fate.LOGGED if call is not None else Fate.HANDLED, call or above)
        return _taken_by(source, call, node) or Hearing(Fate.HANDLED, call)
    if kind == "return_statement" or kind in FUNCTIONS:
        return of_returned(source, above)
    if kind in {"array", "spread_element"}:
        return of_many(source, above, _position(above, node)) if kind == "array" else Hearing(Fate.HANDLED, above)
    if kind in {"pair", "yield_expression", "jsx_expression"}:
        return Hearing(Fate.HANDLED, above)
    return Hearing(Fate.UNKNOWN, above)


def _given(source: Script, pattern: Node, since: Node) -> Hearing:
    """Return what becomes of a result that a pattern takes apart, or that a name is given to."""
    if pattern.type in {"identifier", "shorthand_property_identifier_pattern"}:
        binding = resolve(source, source.text(pattern), pattern)
        return _named(source, binding, since, pattern) if binding is not None else Hearing(Fate.UNKNOWN, pattern)
    if pattern.type == "object_pattern":
        return _pattern(source, pattern, since)
    if pattern.type in {"member_expression", "subscript_expression"}:
        return Hearing(Fate.HANDLED, pattern)  # kept in an object, for whoever reads that
    return Hearing(Fate.UNKNOWN, pattern)


def _taken_by(source: Script, call: Node, result: Node) -> Hearing | None:
    """Return what a function of the project does about the failure in a result that it is given; None if not known."""
    with entered(source, call) as place:
        parameter = parameter_of(place[1], call, result) if place is not None else None
        if place is None or parameter is None:
            return None
        found = _given(place[0], field(parameter, "pattern") or parameter, parameter)
    return answered_by(source, call, place[1], found)


def _pattern(source: Script, pattern: Node, since: Node) -> Hearing:
    data: Node | None = None
    for path, inside, _ in taken(source, pattern):
        target = inside if inside.type != "assignment_pattern" else field(inside, "left") or inside
        if path == ("error",):
            if target.type in {"object_pattern", "member_expression"}:
                return Hearing(Fate.HANDLED, target)
            return of_error_name(source, target, since)
        if not path and inside.type == "rest_pattern" and inside.named_children:
            return _given(source, inside.named_children[0], since)
        if path in {("status",), ("statusText",)}:
            return of_error_name(source, target, since)
        data = target if path == ("data",) and target.type != "object_pattern" else data
    checked = _missing(source, data, since) if data is not None else None
    return checked or Hearing(Fate.IGNORED, pattern)


def _missing(source: Script, data: Node, since: Node) -> Hearing | None:
    """Return what is done where there is no data, if that is tested and ends the way of a success; None if not."""
    binding = resolve(source, source.text(data), data)
    uses_there = after(source, binding, since) if binding is not None else ()
    return next((found for use in uses_there if (found := _of_missing(source, use)) is not None), None)


def _of_missing(source: Script, use: Node) -> Hearing | None:
    """Return what is done where data that is used at a place is not there; None if that is not tested there."""
    for above in source.ancestors(use):
        if above.type in {"if_statement", "throw_statement"} or above.type in FUNCTIONS:
            condition = field(above, "condition")
            negated = condition is not None and source.text(condition).lstrip("( ").startswith("!")
            if above.type == "if_statement" and condition is not None and contains(condition, use) and negated:
                found = branch(source, field(above, "consequence"))
                if found is not None and found.fate in {*ANSWERED, Fate.SWALLOWED}:
                    return found
            return None
    return None


def _named(source: Script, binding: Binding, since: Node, name: Node) -> Hearing:
    """Return what becomes of a result that has a name."""
    found = [one for use in after(source, binding, since) if (one := _use(source, use)) is not None]
    return best(found) or Hearing(Fate.IGNORED, name)


def _use(source: Script, use: Node) -> Hearing | None:
    node = lasting(source, use)
    above = source.parent(node)
    if above is None:
        return None
    if above.type in {"member_expression", "subscript_expression"} and same(field(above, "object"), node):
        found = member(source, above)
        if found is not None and found[1] == "data":
            return _of_missing(source, above)
        return None if found is None or found[1] in _LEAVES_ERROR else of_error(source, above)
    if above.type in {"variable_declarator", "assignment_expression", "arguments", "await_expression"}:
        found_there = _result(source, node)
        return found_there if found_there.fate is not Fate.IGNORED else None
    if above.type in {"unary_expression", "if_statement"}:
        return None
    if above.type == "return_statement" or above.type in FUNCTIONS:
        return of_returned(source, above)
    return Hearing(Fate.HANDLED, above)


def of_then(source: Script, call: Node, *, throws: bool = False) -> Hearing:
    """Return what becomes of a failure that is given to `.then(…)`."""
    given = arguments(call)
    found_method = method(source, call)
    name = found_method[1] if found_method is not None else "then"
    if throws:
        handler = inner(given[1]) if len(given) > 1 else _catch(source, call)
        if name == "catch" and given:
            handler = inner(given[0])
        if handler is None:
            return thrown(source, call)
        found = answer(source, handler)
        return found if found is not None and found.fate in ANSWERED else Hearing(Fate.SWALLOWED, handler)
    if not given or name != "then":  # the error of a request is no rejection, and goes past `.catch(…)`
        return of_result(source, call)
    function = inner(given[0])
    if function.type not in FUNCTIONS:
        return _given_to(source, function)
    one, several = field(function, "parameter"), field(function, "parameters")
    parameters = [one] if one is not None else several.named_children if several is not None else []
    if not parameters:
        return Hearing(Fate.IGNORED, function)
    pattern = field(parameters[0], "pattern") or parameters[0]
    found_there = _given(source, pattern, pattern)
    if found_there.fate is Fate.IGNORED and compensates(source, call) is not None:
        return Hearing(Fate.HANDLED, call)
    return found_there


def _given_to(source: Script, function: Node) -> Hearing:
    """Return what a function, of which only the name stands there, does about the failure in a result."""
    if is_log(source, function):
        return Hearing(Fate.LOGGED, function)
    place = source.function_meant(function)
    parameters = field(place[1], "parameters") if place is not None else None
    first = parameters.named_children[0] if parameters is not None and parameters.named_children else None
    if place is None or first is None:
        return Hearing(Fate.IGNORED if parameters is not None else Fate.HANDLED, function)
    found = _given(place[0], field(first, "pattern") or first, first)
    lost = found.fate in {Fate.IGNORED, Fate.LOGGED}
    return Hearing(found.fate if lost else Fate.HANDLED, function)


def _catch(source: Script, call: Node) -> Node | None:
    above = source.parent(call)
    further = source.parent(above) if above is not None and above.type == "member_expression" else None
    if further is None or further.type != "call_expression":
        return None
    found = method(source, further)
    if found is not None and found[1] == "catch" and arguments(further):
        return inner(arguments(further)[0])
    return _catch(source, further)


def of_returned(source: Script, place: Node) -> Hearing:
    """Return what becomes of what a `return` statement, or a function that is an expression, returns."""
    function = (
        place
        if place.type in FUNCTIONS
        else next((above for above in source.ancestors(place) if above.type in FUNCTIONS), None)
    )
    above = source.parent(function) if function is not None else None
    if function is None or above is None or function.type != "arrow_function" or above.type != "arguments":
        return Hearing(Fate.RESULT, place)
    call = source.parent(above)
    found = method(source, call) if call is not None else None
    if call is not None and found is not None and found[1] in {"map", "flatMap"}:
        return of_many(source, call, None)
    return Hearing(Fate.IGNORED if is_dropped(source, function) else Fate.UNKNOWN, place)


def is_dropped(source: Script, function: Node) -> bool:
    """Tell whether a function is given to what throws its result away, such as `forEach`."""
    given = source.parent(function)
    call = source.parent(given) if given is not None and given.type == "arguments" else None
    called = callee(call) if call is not None else None
    if call is None or called is None:
        return False
    found = member(source, called)
    return dotted(source, called) in _LATER or (found is not None and found[1] == "forEach")


def of_dropped(source: Script, call: Node) -> Hearing | None:
    """Return what becomes of a failure that a call returns in some form; None if its value is used for something."""
    node = lasting(source, call)
    above = source.parent(node)
    while above is not None and above.type == "await_expression":
        node = lasting(source, above)
        above = source.parent(node)
    if above is None:
        return None
    if above.type == "expression_statement" or (
        above.type == "unary_expression" and source.text(above).startswith("void")
    ):
        return Hearing(Fate.IGNORED, node)
    if above.type == "return_statement" or above.type in FUNCTIONS:
        found = of_returned(source, above)
        return Hearing(Fate.RETURNED, found.at) if found.fate is Fate.RESULT else found
    if above.type == "array":
        return of_many(source, above, None) if _is_awaited_alone(source, above) else None
    name = field(above, "name") if above.type == "variable_declarator" else None
    binding = resolve(source, source.text(name), name) if name is not None and name.type == "identifier" else None
    if binding is not None and next(after(source, binding, above), None) is None:
        return Hearing(Fate.IGNORED, above)
    return None


def _is_awaited_alone(source: Script, array: Node) -> bool:
    """Tell whether the results of a list of calls are waited for, and thrown away."""
    given = source.parent(array)
    call = source.parent(given) if given is not None and given.type == "arguments" else None
    called = callee(call) if call is not None else None
    if call is None or called is None or dotted(source, called) not in _TOGETHER:
        return False
    above = source.parent(lasting(source, call))
    return above is not None and above.type == "await_expression" and _is_statement(source.parent(above))


def _is_statement(node: Node | None) -> bool:
    return node is not None and node.type == "expression_statement"


def _position(array: Node, node: Node) -> int | None:
    elements = [child for child in array.named_children if child.type != "comment"]
    if any(child.type == "spread_element" for child in elements):
        return None
    return next((position for position, child in enumerate(elements) if contains(child, node)), None)


def of_many(source: Script, node: Node, position: int | None, depth: int = 0) -> Hearing:
    """Return what becomes of a failure among the results of a list of requests, of which one has the position."""
    node = lasting(source, node)
    above = source.parent(node)
    if above is None or depth > 4:
        return Hearing(Fate.UNKNOWN, node)
    if above.type == "arguments":
        call = source.parent(above)
        called = callee(call) if call is not None else None
        if call is not None and called is not None and dotted(source, called) in _TOGETHER:
            return of_many(source, call, position, depth)
        return Hearing(Fate.UNKNOWN, above)
    if above.type == "await_expression":
        return of_many(source, above, position, depth)
    further = source.parent(above) if above.type == "member_expression" else None
    if further is not None and further.type == "call_expression":
        called_there = method(source, further)  # `.catch(…)` gets no error of a request
        passes = called_there is not None and called_there[1] in {"catch", "finally"}
        return of_many(source, further, position, depth) if passes else Hearing(Fate.UNKNOWN, above)
    if above.type == "expression_statement":
        waits = node.type in {"await_expression", "call_expression"}
        return Hearing(Fate.IGNORED if waits else Fate.UNKNOWN, node)
    if above.type == "return_statement" or above.type in FUNCTIONS:
        found = of_returned(source, above)
        return Hearing(Fate.RETURNED, found.at) if found.fate is Fate.RESULT else found
    if above.type == "variable_declarator" and same(field(above, "value"), node):
        return _several(source, above, position, depth)
    return Hearing(Fate.UNKNOWN, above)


def _several(source: Script, declarator: Node, position: int | None, depth: int) -> Hearing:
    pattern = field(declarator, "name")
    if pattern is None:
        return Hearing(Fate.UNKNOWN, declarator)
    if pattern.type == "array_pattern":
        for path, inside, _ in taken(source, pattern):
            if position is not None and path == (position,):
                return _given(source, inside, declarator)
        return Hearing(Fate.IGNORED if position is not None else Fate.UNKNOWN, pattern)
    binding = resolve(source, source.text(pattern), pattern) if pattern.type == "identifier" else None
    if binding is None:
        return Hearing(Fate.UNKNOWN, pattern)
    return of_list(source, binding, declarator, depth)


def of_list(source: Script, binding: Binding, since: Node, depth: int = 0) -> Hearing:
    """Return what becomes of a failure in a list of requests, or of their results, that has a name."""
    found: list[Hearing] = []
    for use in after(source, binding, since):
        above = source.parent(use)
        if above is None:
            continue
        call = source.parent(above) if above.type == "arguments" else None
        called = callee(call) if call is not None else None
        if call is not None and called is not None and dotted(source, called) in _TOGETHER:
            found.append(of_many(source, call, None, depth + 1))
        elif above.type in {"arguments", "return_statement", "pair", "spread_element"}:
            logged = call is not None and logs(source, call)
            found.append(Hearing(Fate.LOGGED if logged else Fate.HANDLED, above))
        elif _says_error(source, use):
            found.append(Hearing(Fate.HANDLED, above))
    return worst(one for one in found if one.fate is Fate.IGNORED) or best(found) or Hearing(Fate.IGNORED, since)


def _says_error(source: Script, use: Node) -> bool:
    """Tell whether the statement that a list of results is used in speaks of errors."""
    for above in source.ancestors(use):
        if above.type.endswith(("statement", "declaration")) and above.type != "statement_block":
            return b"error" in source.bytes[above.start_byte : above.end_byte]
    return False
