"""Follow the methods that are called one after another on the result of the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.audits.code.readers.typescript.syntax import awaits_itself, field, member, outer, same

if TYPE_CHECKING:
    from tree_sitter import Node

    from sessionaudit.audits.code.readers.typescript.syntax import Script

_ENDS = {"then", "catch", "finally"}


class MethodCall(NamedTuple):
    """The call of a method: its name, where that stands, and the whole call."""

    name: str
    at: Node
    call: Node


class Chain(NamedTuple):
    """Calls in order, the whole of them, and that of `.then(…)` after them. `awaited`: their `await` stands inside."""

    calls: tuple[MethodCall, ...]
    top: Node
    then: Node | None = None
    awaited: bool = False


def called_by(source: Script, function: Node) -> Node | None:
    """Return the call of a function or a method; None if it is not called there."""
    node = function
    while (above := source.parent(node)) is not None:
        if above.type == "call_expression" and same(field(above, "function"), node):
            return above
        if above.type not in {"await_expression", "non_null_expression", "parenthesized_expression"}:
            return None
        node = above
    return None


def chain(source: Script, start: Node, *, awaited: bool = False) -> Chain:
    """Return what is called on the result of an expression."""
    calls: list[MethodCall] = []
    awaited = awaited or awaits_itself(start)
    top = start
    while True:
        whole = outer(source, top)
        above = source.parent(whole)
        found = member(source, above) if above is not None else None
        if above is None or found is None or not same(found[0], whole):
            return Chain(tuple(calls), whole, None, awaited)
        name = field(above, "property") or field(above, "index")
        call = called_by(source, above)
        if name is None or call is None:
            return Chain(tuple(calls), whole, None, awaited)
        awaited = awaited or awaits_itself(call)
        said = found[1]
        if said in _ENDS:
            return Chain(tuple(calls), whole, call, awaited)
        calls.append(MethodCall(said, name, call))
        top = call
