"""Parse Python, and answer what every part of the reader asks of a node of the tree."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from tree_sitter import Language, Parser

from sessionaudit.audits.code.readers.parsed_file import ParsedFile

if TYPE_CHECKING:
    from pathlib import Path

    from tree_sitter import Node

    from sessionaudit.audits.code.readers.python.settings import Names

_WRAPPERS = frozenset(("parenthesized_expression",))
COMPREHENSIONS = frozenset("list_comprehension set_comprehension dictionary_comprehension generator_expression".split())


class PythonFile(ParsedFile):
    """A file and its tree, with the names of its scopes."""

    def __init__(self, path: Path, shown: str, text: bytes) -> None:
        super().__init__(path, shown, text, _parser())
        self.scopes: dict[int, Names] = {}


@cache
def _parser() -> Parser:
    from tree_sitter_python import language  # noqa: PLC0415 - 15 ms, of a file that has it

    return Parser(Language(language()))


class CallArguments(NamedTuple):
    """What a call is given; `more` says that a list or a dict is laid out in it."""

    positional: list[Node]
    named: dict[str, Node]
    more: bool


def field(node: Node, name: str) -> Node | None:
    """Return a field of a node."""
    return node.child_by_field_name(name)


def children(node: Node) -> list[Node]:
    """Return the parts of a node without comments."""
    return [child for child in node.named_children if child.type != "comment"]


def inner(node: Node, *, awaits: bool = True) -> Node:
    """Return a value without its parentheses, and without `await` if `awaits` says so."""
    while node.type in _WRAPPERS or (awaits and node.type == "await"):
        found = children(node)
        if not found:
            break
        node = found[0]
    return node


def outer(source: PythonFile, node: Node) -> Node:
    """Return a value with the parentheses around it."""
    while (above := source.parent(node)) is not None and above.type in _WRAPPERS:
        node = above
    return node


def given(source: PythonFile, call: Node) -> CallArguments:
    """Return the arguments of a call."""
    found = CallArguments([], {}, False)
    arguments = field(call, "arguments")
    more = False
    for child in children(arguments) if arguments is not None and arguments.type == "argument_list" else ():
        if child.type == "keyword_argument":
            name, value = field(child, "name"), field(child, "value")
            if name is not None and value is not None:
                found.named[source.text(name)] = value
        elif child.type in {"list_splat", "dictionary_splat"}:
            more = True
        else:
            found.positional.append(child)
    return found._replace(more=more)


def argument(one: CallArguments, place: int, name: str) -> Node | None:
    """Return an argument by its place or its name."""
    return one.positional[place] if place < len(one.positional) else one.named.get(name)


def dotted(source: PythonFile, node: Node) -> str:
    """Return a name, or names with dots between them, such as `logging.error`; "" for anything else."""
    node = inner(node)
    if node.type == "identifier":
        return source.text(node)
    owner, name = field(node, "object"), field(node, "attribute")
    if node.type != "attribute" or owner is None or name is None:
        return ""
    before = dotted(source, owner)
    return f"{before}.{source.text(name)}" if before else ""


def called(source: PythonFile, call: Node) -> str:
    """Return the dotted name of what is called; "" if it has none."""
    function = field(call, "function") if call.type == "call" else None
    return dotted(source, function) if function is not None else ""


def around(source: PythonFile, node: Node, *kinds: str) -> Node | None:
    """Return the innermost node of some types that a node is in."""
    return next((above for above in source.ancestors(node) if above.type in kinds), None)


def same(one: Node | None, other: Node | None) -> bool:
    """Tell whether two nodes are one."""
    return one is not None and other is not None and one.id == other.id


def contains(whole: Node, part: Node) -> bool:
    """Tell whether a node has another one, or is it."""
    return whole.start_byte <= part.start_byte and part.end_byte <= whole.end_byte
