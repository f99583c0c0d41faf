"""Follow the methods that are called on a builder: in one expression, and under the names that it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.audits.code.readers.python.scopes import assigned_name, meets, scope_of, uses
from sessionaudit.audits.code.readers.python.syntax import contains, field, outer, same

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from sessionaudit.audits.code.readers.python.syntax import PythonFile

_DEEPEST = 6  # names that a builder is given one after another


class ChainedCall(NamedTuple):
    """A method that is called; it is `negated` behind `not_`, and `optional` if it is called in some runs only."""

    name: str
    call: Node
    negated: bool = False
    optional: bool = False


class PythonChain(NamedTuple):
    """The methods that are called on a value, up to `execute`; `top` is the whole, `sent` the call of `execute`."""

    steps: tuple[ChainedCall, ...]
    top: Node
    sent: Node | None = None


_ENDS = {"expression_statement", "await"}


class BuilderEnd(NamedTuple):
    """How a builder goes on after the expression that begins it, until it is sent, or leaves the function."""

    steps: tuple[ChainedCall, ...]
    sent: Node | None
    leaves: bool = False


def chain(source: PythonFile, node: Node) -> PythonChain:
    """Return the methods that are called on a value."""
    steps: list[ChainedCall] = []
    negated = False
    while True:
        node = outer(source, node)
        attribute = source.parent(node)
        if attribute is None or attribute.type != "attribute" or not same(field(attribute, "object"), node):
            return PythonChain(tuple(steps), node)
        name = field(attribute, "attribute")
        said = source.text(name) if name is not None else ""
        call = source.parent(attribute)
        if call is None or call.type != "call" or not same(field(call, "function"), attribute):
            if said != "not_":
                return PythonChain(tuple(steps), node)
            negated = not negated
            node = attribute
            continue
        if said == "execute":
            return PythonChain(tuple(steps), call, call)
        steps.append(ChainedCall(said, call, negated))
        negated = False
        node = call


def endings(source: PythonFile, begun: PythonChain, depth: int = 0) -> Iterator[BuilderEnd]:
    """Return how a builder is sent, each time that it is; once with nothing where it never is."""
    if begun.sent is not None:
        yield BuilderEnd(begun.steps, begun.sent)
        return
    name = assigned_name(source, begun.top)
    if name is None or depth > _DEEPEST:
        above = source.parent(begun.top)
        # A builder cannot be awaited: that is an error, and nothing is sent.
        yield BuilderEnd(begun.steps, None, leaves=above is not None and above.type not in _ENDS)
        return
    found, leaves = False, False
    steps = list(begun.steps)
    scope = scope_of(source, begun.top)
    for use in uses(source, source.text(name), scope):
        if use.start_byte < begun.top.end_byte or same(use, name):
            continue
        if meets(source, begun.top, use)[1]:
            continue
        optional = meets(source, use, begun.top)[0]
        above = source.parent(use)
        if above is not None and above.type == "assignment" and same(field(above, "left"), use):
            right = field(above, "right")
            if right is not None and _begins_with(source, right, source.text(name)):
                continue
            if not optional:
                break
            continue
        more = chain(source, use)
        added = [one._replace(optional=optional) for one in more.steps]
        if more.sent is not None:
            found = True
            yield BuilderEnd((*steps, *more.steps), more.sent)
        elif added:
            other = assigned_name(source, more.top)
            if other is not None and source.text(other) != source.text(name):
                found = True
                yield from endings(source, more._replace(steps=(*steps, *more.steps)), depth + 1)
                continue
            steps += added
            around = source.parent(more.top)
            leaves = leaves or (other is None and around is not None and around.type != "expression_statement")
        elif above is not None:
            leaves = True
    if not found:
        yield BuilderEnd(tuple(steps), None, leaves)


def _begins_with(source: PythonFile, node: Node, name: str) -> bool:
    """Tell whether a value is what a name stands for, with more methods called, or what a function makes of it."""
    text = source.text(node)
    return any(contains(node, use) for use in uses(source, name, node)) if name in text else False
