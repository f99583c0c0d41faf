"""Follow a request that is composed in several statements to where it is sent, and say what becomes of its failure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.audits.code.model import Fate
from sessionaudit.audits.code.readers.typescript.branches import Hearing, worst
from sessionaudit.audits.code.readers.typescript.chains import Chain, MethodCall, chain
from sessionaudit.audits.code.readers.typescript.fate import (
    is_dropped,
    of_list,
    of_many,
    of_result,
    of_returned,
    of_then,
)
from sessionaudit.audits.code.readers.typescript.scopes import (
    Binding,
    assignment_of,
    lasting,
    meets,
    resolve,
    uses,
)
from sessionaudit.audits.code.readers.typescript.syntax import (
    FUNCTIONS,
    arguments,
    contains,
    field,
    function_around,
    is_async,
    method,
    name_pattern,
    same,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from sessionaudit.audits.code.readers.typescript.syntax import Script

_DEEPEST = 5


class LaterCall(NamedTuple):
    """A method that is called on a request later, in some runs only if it is `optional`."""

    call: MethodCall
    optional: bool = False


class SendingCall(NamedTuple):
    """How a request goes on after a place: what more is called on it, and what becomes of its failure.

    It is not `awaited` if it is a function's result before anybody has waited for it.
    """

    steps: tuple[LaterCall, ...]
    outcome: Hearing
    awaited: bool = True


class Use(NamedTuple):
    """A place at which a request that has a name is used, with what is called on it there."""

    chain: Chain
    optional: bool


def endings(source: Script, found: Chain, *, throws: bool = False, depth: int = 0) -> list[SendingCall]:
    """Return how a request goes on, once for each way in which it is sent."""
    throws = throws or _throws(found)
    node = lasting(source, found.top)
    if found.then is not None:
        return [SendingCall((), of_then(source, found.then, throws=throws))]
    if found.awaited:
        return [SendingCall((), of_result(source, found.top, throws=throws))]
    above = source.parent(node)
    if above is None or depth > _DEEPEST:
        return [SendingCall((), Hearing(Fate.UNKNOWN, node))]
    binding = _named(source, above, node)
    if binding is not None:
        return [_through(source, binding, above, throws=throws, depth=depth)]
    if above.type == "return_statement" or above.type in FUNCTIONS:
        return _of_function(source, above, throws=throws, depth=depth)
    inside = _given(source, above, node, depth) if above.type == "arguments" else None
    return inside or [SendingCall((), _sent(source, node, above, throws=throws))]


def _given(source: Script, given: Node, node: Node, depth: int) -> list[SendingCall] | None:
    """Return how a request goes on that is given to a function of the file which returns it; None for any other."""
    call = source.parent(given)
    called = field(call, "function") if call is not None and call.type == "call_expression" else None
    if call is None or called is None or called.type != "identifier":
        return None
    binding = resolve(source, source.text(called), called)
    function = binding.node if binding is not None and binding.node.type in FUNCTIONS else None
    if function is None and binding is not None and binding.value is not None and binding.value.type in FUNCTIONS:
        function = binding.value
    position = next((at for at, one in enumerate(arguments(call)) if contains(one, node)), None)
    parameters = field(function, "parameters") if function is not None else None
    if function is None or parameters is None or position is None or position >= len(parameters.named_children):
        return None
    parameter = parameters.named_children[position]
    name = field(parameter, "pattern") or parameter
    taken = resolve(source, source.text(name), name) if name.type == "identifier" else None
    if taken is None:
        return None
    uses_there = list(used(source, taken, parameter))
    if not any(_returns(source, use) for use in uses_there):
        return None
    steps = tuple(LaterCall(one, use.optional) for use in uses_there for one in use.chain.calls)
    further = chain(source, call)
    own = tuple(LaterCall(one) for one in further.calls)
    return [
        SendingCall((*steps, *own, *ending.steps), ending.outcome)
        for ending in endings(source, further, depth=depth + 1)
    ]


def _returns(source: Script, use: Use) -> bool:
    above = source.parent(lasting(source, use.chain.top))
    return above is not None and above.type in {"return_statement", "arrow_function"}


def named_by(source: Script, found: Chain) -> tuple[Binding, Node] | None:
    """Return the name that a request is given, and the statement that gives it; None if it has none."""
    node = lasting(source, found.top)
    above = source.parent(node)
    binding = _named(source, above, node) if above is not None and found.then is None and not found.awaited else None
    return (binding, above) if binding is not None and above is not None else None


def _named(source: Script, above: Node, node: Node) -> Binding | None:
    name = None
    if above.type == "variable_declarator":
        name = field(above, "name")
    elif above.type == "assignment_expression" and same(field(above, "right"), node):
        name = field(above, "left")
    return resolve(source, source.text(name), name) if name is not None and name.type == "identifier" else None


def used(source: Script, binding: Binding, since: Node) -> Iterator[Use]:
    """Return the uses of a request that has a name, until another request is given that name."""
    here = function_around(source, since)
    for use in uses(source, binding):
        if contains(since, use) or (use.start_byte < since.start_byte and same(function_around(source, use), here)):
            continue
        optional, never = meets(source, use, since)
        if never:
            continue
        assigned = assignment_of(source, use)
        if assigned is not None:
            right = field(assigned[0], "right")
            goes_on = right is not None and name_pattern(binding.name).search(
                source.bytes, right.start_byte, right.end_byte
            )
            if not goes_on and not optional:
                return
            continue
        yield Use(chain(source, use), optional)


def calls_of(source: Script, place: Node) -> Iterator[Node]:
    """Return the calls in the file of the function that a `return` statement, or an expression, is the result of."""
    function = place if place.type in FUNCTIONS else function_around(source, place)
    if function is None:
        return
    name = field(function, "name") if function.type != "method_definition" else None
    above = source.parent(function)
    if name is None and above is not None and above.type == "variable_declarator":
        name = field(above, "name")
    binding = resolve(source, source.text(name), name) if name is not None and name.type == "identifier" else None
    for use in uses(source, binding) if binding is not None else ():
        call = source.parent(use)
        if call is not None and call.type == "call_expression" and same(field(call, "function"), use):
            yield call


def _through(source: Script, binding: Binding, since: Node, *, throws: bool, depth: int) -> SendingCall:
    steps: list[LaterCall] = []
    outcomes: list[SendingCall] = []
    kept = False
    for use in used(source, binding, since):
        steps += [LaterCall(call, use.optional) for call in use.chain.calls]
        throws = throws or _throws(use.chain)
        node = lasting(source, use.chain.top)
        above = source.parent(node)
        if above is None or (above.type == "expression_statement" and use.chain.then is None and not use.chain.awaited):
            continue
        again = _named(source, above, node) if use.chain.then is None and not use.chain.awaited else None
        if again is not None and same(again.at, binding.at):
            continue
        if above.type in {"if_statement", "unary_expression", "binary_expression"} and use.chain.then is None:
            kept = True
            continue
        for ending in endings(source, use.chain, throws=throws, depth=depth + 1):
            steps += [LaterCall(step.call, step.optional or use.optional) for step in ending.steps]
            outcomes.append(ending)
    told = worst(one.outcome for one in outcomes) or Hearing(Fate.UNKNOWN if kept else Fate.UNSENT, since)
    awaited = all(one.awaited for one in outcomes if one.outcome is told)
    return SendingCall(tuple(steps), told, awaited)


def _of_function(source: Script, place: Node, *, throws: bool, depth: int) -> list[SendingCall]:
    """Return how a request goes on that a function returns: as it is, and at each call that calls more on it."""
    calls = 0
    longer: list[SendingCall] = []
    for call in calls_of(source, place):
        for ending in endings(source, further := chain(source, call), throws=throws, depth=depth + 1):
            steps = (*(LaterCall(one) for one in further.calls), *ending.steps)
            if steps:
                longer.append(SendingCall(steps, ending.outcome))
            else:
                calls += 1
    if longer and not calls:
        return longer
    told = of_returned(source, place)
    function = place if place.type in FUNCTIONS else function_around(source, place)
    if throws and told.fate is Fate.RESULT:
        told = Hearing(Fate.THROWN, told.at)
    elif function is not None and is_dropped(source, function) and not is_async(function):
        told = Hearing(Fate.UNSENT, told.at)
    return [SendingCall((), told, awaited=False), *longer]


def _sent(source: Script, node: Node, above: Node, *, throws: bool) -> Hearing:
    kind = above.type
    if kind == "await_expression":
        return of_result(source, above, throws=throws)
    if kind == "expression_statement" or (kind == "unary_expression" and source.text(above).startswith("void")):
        return Hearing(Fate.UNSENT, node)
    if kind == "variable_declarator":
        return Hearing(Fate.UNSENT, node)  # what is taken out of a request that is not awaited
    if kind == "array":
        elements = [child for child in above.named_children if child.type != "comment"]
        spread = any(child.type == "spread_element" for child in elements)
        position = next((at for at, child in enumerate(elements) if contains(child, node)), None)
        return of_many(source, above, None if spread else position)
    if kind == "arguments":
        return _passed(source, above)
    return Hearing(Fate.UNKNOWN, above)


def _passed(source: Script, given: Node) -> Hearing:
    call = source.parent(given)
    found = method(source, call) if call is not None and call.type == "call_expression" else None
    if found is not None and call is not None and found[1] == "push" and found[0].type == "identifier":
        binding = resolve(source, source.text(found[0]), found[0])
        if binding is not None and arguments(call):
            return of_list(source, binding, call)
    return Hearing(Fate.UNKNOWN, given)


def _throws(found: Chain) -> bool:
    return any(call.name == "throwOnError" for call in found.calls)
