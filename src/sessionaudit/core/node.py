"""What a contract file is made of: texts, lists and mappings that know where they stand.

Lines and columns count from 1. A `Scalar` is a `str`, a `Sequence` a `list` and a `Mapping` a
`dict`, so that a kind reads them without learning an interface.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Union

if TYPE_CHECKING:
    from collections.abc import Iterable


class Scalar(str):
    """A text; `style` is `'`, `"`, `|` or `>` as YAML has it, and "" where it stood bare."""

    __slots__ = ("column", "line", "style")
    line: int
    column: int
    style: str


class Sequence(list["Node"]):
    """A list."""

    __slots__ = ("column", "line")
    line: int
    column: int


class Mapping(dict[Scalar, "Node"]):
    """A mapping, in the order of the file; its keys are Scalars."""

    __slots__ = ("column", "line")
    line: int
    column: int


Node = Union[Scalar, Sequence, Mapping]  # noqa: UP007 - `|` cannot join names that are still strings

ABSENT = "absent"


class NodeError(ValueError):
    """A part of the contract that does not have the form it must have."""

    def __init__(self, message: str, node: Node, hint: str = "") -> None:
        super().__init__(message)
        self.node = node
        self.hint = hint


# What YAML 1.1 readers take for something else than the text that stands there.
_SURPRISE = re.compile(r"(?:y|yes|n|no|on|off|true|false|null|~|[-+]?[0-9][0-9_.]*(?:e[-+]?[0-9]+)?)\Z", re.IGNORECASE)


def text(node: Node, what: str) -> Scalar:
    """The node as a text that every YAML reader takes for the same text.

    Raises NodeError where it is a list, a mapping, empty, or a bare `no`, `on`, `1` and the like.
    """
    if not isinstance(node, Scalar):
        raise NodeError(f"expected {what}, found {described(node)}", node)
    if not node.style and (not node or _SURPRISE.match(node)):
        if not node:
            raise NodeError(f"expected {what}, found nothing", node)
        raise NodeError(
            f"expected {what}, found a bare {node}, which YAML may read as something else",
            node,
            hint=f'Write "{node}", in quotes.',
        )
    return node


def mapping(node: Node, what: str) -> Mapping:
    """The node as a mapping, or NodeError."""
    if not isinstance(node, Mapping):
        raise NodeError(f"expected {what}, found {described(node)}", node)
    return node


def sequence(node: Node, what: str) -> Sequence:
    """The node as a list, or NodeError."""
    if not isinstance(node, Sequence):
        raise NodeError(f"expected {what}, found {described(node)}", node, hint="A list stands in brackets: [a, b].")
    return node


def texts(node: Node, what: str) -> tuple[str, ...]:
    """The node as a list of texts, or NodeError."""
    return tuple(str(text(item, what)) for item in sequence(node, f"a list of {what}"))


def known_keys(node: Mapping, known: Iterable[str], where: str) -> None:
    """Refuse a key that is not among the `known`, naming the nearest that is."""
    words = list(known)
    for key in node:
        if key not in words:
            raise NodeError(f"unknown key “{key}” in {where}", key, hint=nearest(key, words))


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint that names the known word nearest to one that is not known, or all of them."""
    words = sorted(known)
    close = get_close_matches(word, words, n=1)
    return f"Did you mean “{close[0]}”?" if close else f"Known here: {', '.join(words)}."


def described(node: Node) -> str:
    """The node in a few words, for a message."""
    if isinstance(node, Mapping):
        return "a mapping"
    if isinstance(node, Sequence):
        return "a list"
    return f"“{node}”" if node else "nothing"
