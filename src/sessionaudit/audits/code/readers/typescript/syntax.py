"""Parse TypeScript and JavaScript, and answer what every part of the reader asks of a node of the tree.

The grammar has ERROR nodes in some valid files: what stands around them is read all the same.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from tree_sitter import Language, Parser

from sessionaudit.audits.code.readers.parsed_file import ParsedFile
from sessionaudit.audits.code.readers.typescript.components import SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tree_sitter import Node

    from sessionaudit.audits.code.model import CodeValue

    # The function that an expression of a file means, and its file.
    Called = Callable[["Script", Node], tuple["Script", Node] | None]

FUNCTIONS = frozenset(
    "function_declaration generator_function_declaration function_expression generator_function arrow_function "
    "method_definition".split()
)
# What leaves a value as it is.
_WRAPPERS = frozenset(
    "parenthesized_expression as_expression satisfies_expression non_null_expression type_assertion "
    "instantiation_expression".split()
)
_ALL_WRAPPERS = _WRAPPERS | {"await_expression"}


class Script(ParsedFile):
    """A file and its tree, with what was found out about its scopes, names, values and clients."""

    def __init__(self, path: Path, shown: str, text: bytes, called: Called | None = None) -> None:
        super().__init__(path, shown, text, _parser(path.suffix))
        self._called = called
        self.entered: set[int] = set()  # functions that are being followed
        self.scopes: dict[int, dict[str, object]] = {}
        self.around: dict[int, Node | None] = {}
        self.uses: dict[int, list[Node]] = {}
        self.values: dict[int, CodeValue] = {}
        self.clients: dict[int, object] = {}

    def function_called(self, call: Node) -> tuple[Script, Node] | None:
        """Return the function that a call calls, in whichever file it stands; None if that is not known."""
        called = callee(call)
        return self.function_meant(called) if called is not None else None

    def function_meant(self, node: Node) -> tuple[Script, Node] | None:
        """Return the function that a name, or a part of what a name stands for, means; None if that is not known."""
        return self._called(self, node) if self._called is not None else None


@cache
def _parser(suffix: str) -> Parser:
    if suffix in {".ts", ".mts", ".cts"} | SUFFIXES:
        from tree_sitter_typescript import language_typescript as language  # noqa: PLC0415 - 15 ms, of a file that has it
    elif suffix == ".tsx":
        from tree_sitter_typescript import language_tsx as language  # noqa: PLC0415 - the same
    else:
        from tree_sitter_javascript import language  # noqa: PLC0415 - the same
    return Parser(Language(language()))


@cache
def name_pattern(name: str) -> re.Pattern[bytes]:
    """Return a pattern of a name, where it is a word of its own."""
    return re.compile(rb"(?<![\w$])" + re.escape(name.encode()) + rb"(?![\w$])")


def field(node: Node, name: str) -> Node | None:
    """Return a field of a node."""
    return node.child_by_field_name(name)


def inner(node: Node, *, awaits: bool = False) -> Node:
    """Return a value without its parentheses, types and assertions; and without `await`, if `awaits` says so."""
    wrappers = _ALL_WRAPPERS if awaits else _WRAPPERS
    while node.type in wrappers:
        children = [child for child in node.named_children if child.type != "comment"]
        if not children:
            break
        node = children[-1 if node.type == "type_assertion" else 0]
    return node


def is_asserted(node: Node) -> bool:
    """Tell whether the code says that a value is there, by an exclamation mark behind it."""
    while node.type in _WRAPPERS and node.type != "non_null_expression" and node.named_children:
        node = node.named_children[-1 if node.type == "type_assertion" else 0]
    return node.type == "non_null_expression"


def outer(source: Script, node: Node) -> Node:
    """Return the largest node that has the same value: with parentheses, types and assertions around it."""
    while (above := source.parent(node)) is not None and above.type in _WRAPPERS:
        node = above
    return node


def arguments(call: Node) -> list[Node]:
    """Return the arguments of a call."""
    given = field(call, "arguments")
    if given is None or given.type != "arguments":
        return []
    return [child for child in given.named_children if child.type != "comment"]


def choice_of(source: Script, ternary: Node) -> tuple[str, list[Node]]:
    """Return the condition of a ternary expression, and its arms."""
    condition = field(ternary, "condition")
    arms = [field(ternary, name) for name in ("consequence", "alternative")]
    return source.text(condition) if condition is not None else "", [arm for arm in arms if arm is not None]


def callee(call: Node) -> Node | None:
    """Return what is called. The grammar takes `await f<T>(x)` for a call of `await f`."""
    called = field(call, "function") or field(call, "constructor")
    return inner(called, awaits=True) if called is not None else None


def is_async(function: Node) -> bool:
    """Tell whether a function returns a promise by itself."""
    return any(child.type == "async" for child in function.children)


def awaits_itself(call: Node) -> bool:
    """Tell whether the `await` of a call stands inside it, as in `await f<T>(x)`."""
    called = field(call, "function")
    return called is not None and inner(called).type == "await_expression"


def method(source: Script, call: Node) -> tuple[Node, str] | None:
    """Return the object and the name of a call of a method; None if it is none."""
    called = callee(call)
    return member(source, called) if called is not None else None


def member(source: Script, node: Node) -> tuple[Node, str] | None:
    """Return the object and the name of `object.name` or `object["name"]`; None if it is neither."""
    owner = field(node, "object")
    if node.type == "member_expression" and owner is not None:
        name = field(node, "property")
        return (owner, source.text(name)) if name is not None else None
    index = field(node, "index")
    if node.type == "subscript_expression" and owner is not None and index is not None and index.type == "string":
        return owner, source.text(index)[1:-1]
    return None


def dotted(source: Script, node: Node) -> str:
    """Return a name, or names with dots between them, such as `console.error`; "" for anything else."""
    node = inner(node)
    if node.type in {"identifier", "this", "super", "private_property_identifier", "property_identifier"}:
        return source.text(node)
    found = member(source, node)
    if found is None:
        return ""
    before = dotted(source, found[0])
    return f"{before}.{found[1]}" if before else ""


def function_around(source: Script, node: Node) -> Node | None:
    """Return the innermost function that a node is in; None at the top of a file."""
    return next((above for above in source.ancestors(node) if above.type in FUNCTIONS), None)


def same(one: Node | None, other: Node | None) -> bool:
    """Tell whether two nodes are one."""
    return one is not None and other is not None and one.id == other.id


def contains(whole: Node | None, part: Node) -> bool:
    """Tell whether a node has another one, or is it."""
    return whole is not None and whole.start_byte <= part.start_byte and part.end_byte <= whole.end_byte
