"""The nodes of a contract file: texts, lists and mappings with their positions.

Lines and columns count from 1. A `Scalar` is a `str`, a `Sequence` a `list` and a `Mapping` a
`dict`, so that a kind reads them without learning an interface.
"""

from __future__ import annotations

import json
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple, Union

if TYPE_CHECKING:
    from collections.abc import Iterable


class Source(NamedTuple):
    """A contract file: its name in messages, and its text."""

    file: str
    text: str


class Scalar(str):
    """A text of a file; `style` is `'`, `"`, `|` or `>` as YAML has it, and "" where it stood bare."""

    __slots__ = ("column", "line", "source", "style")
    source: Source
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


Flow = Union[str, "list[str]", "dict[str, str | list[str]]"]
Node = Union[Scalar, Sequence, Mapping]  # noqa: UP007 - `|` cannot join names that are still strings

ABSENT = "absent"
PRESENT = "present"


class NodeError(ValueError):
    """A part of the contract that does not have the form it must have.

    `offset` counts the characters from the start of a text to the place in it that is wrong.
    """

    def __init__(self, message: str, node: Node, hint: str = "", offset: int | None = None) -> None:
        super().__init__(message)
        self.node = node
        self.hint = hint
        self.offset = offset


# What YAML 1.1 or 1.2 readers take for something else than the text that stands there.
_WORDS = frozenset("y yes n no on off true false null".split())
_SURPRISE = re.compile(
    r"""(?: y | yes | n | no | on | off | true | false | null | ~ | = | [-+]?\.(?:inf|nan)
      | [-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9]+)(?:e[-+]?[0-9]+)? | 0x[0-9a-f_]+ | 0o[0-7_]+ | 0b[01_]+
      | [-+]?[0-9]+(?::[0-5]?[0-9])+(?:\.[0-9]*)? | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[t ].*)? )\Z""",
    re.IGNORECASE | re.VERBOSE,
)
_PLAIN = re.compile(r"[^\W_](?:[\w .()-]*[\w)])?\Z")
_MOST_NAMED = 40
_LONGEST_SHOWN = 60


def text(node: Node, what: str) -> Scalar:
    """The node as a text that every YAML reader takes for the same text.

    Raises NodeError where it is a list, a mapping, empty, or a bare `no`, `on`, `1` and the like.
    """
    if not isinstance(node, Scalar):
        raise NodeError(f"expected {what}, found {described(node)}", node)
    words = " " in node and node[0].isalpha()  # several words are no surprise, and the rule
    if not words and not node.style and surprising(node):
        if not node:
            raise NodeError(f"expected {what}, found nothing", node)
        raise NodeError(
            f"expected {what}, found a bare {brief(node)}, which YAML may read as another type",
            node,
            hint=f'Write "{brief(node)}", in quotes.',
        )
    return node


def surprising(text: str) -> bool:
    """Whether a text must stand in quotes, lest a reader of YAML takes it for something else."""
    return not text or _SURPRISE.match(text) is not None


def flow(value: Flow) -> str:
    """A text, a list or a mapping as YAML on one line, in quotes only where it must be."""
    if isinstance(value, str):
        return _in_flow(value)
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {flow(said)}' for key, said in value.items())}}}"
    return f"[{', '.join(map(flow, value))}]"


def _in_flow(text: str) -> str:
    if _PLAIN.match(text) and not surprising(text):
        return text
    if not text.isprintable() or ("'" in text and not set('"\\') & set(text)):
        return json.dumps(text, ensure_ascii=False)
    return "'" + text.replace("'", "''") + "'"


def one_of(node: Node, words: Iterable[str]) -> str:
    """The node as one of some words, or NodeError."""
    known = list(words)
    if not isinstance(node, Scalar) or node not in known:
        raise NodeError(f"expected one of {', '.join(known)}; found {described(node)}", node, close(str(node), known))
    return str(node)


def name(key: Scalar) -> Scalar:
    """A key that names an object. Raises NodeError where it is empty, or a bare `no`, `on`, `1` and the like."""
    if not key:
        raise NodeError("expected a name, found nothing", key)
    if not key.style and (not key[0].isalpha() or key.lower() in _WORDS):
        text(key, "a name")
    return key


def mapping(node: Node, what: str) -> Mapping:
    """The node as a mapping, or NodeError."""
    if not isinstance(node, Mapping):
        raise NodeError(f"expected {what}, found {described(node)}", node)
    return node


def sequence(node: Node, what: str) -> Sequence:
    """The node as a list, or NodeError."""
    if not isinstance(node, Sequence):
        raise NodeError(f"expected {what}, found {described(node)}", node, hint="Write a list in brackets: [a, b].")
    return node


def texts(node: Node, what: str) -> tuple[str, ...]:
    """The node as a list of texts, or NodeError."""
    return tuple(str(text(item, what)) for item in sequence(node, f"a list, each item {what}"))


def known_keys(node: Mapping, known: Iterable[str], where: str) -> None:
    """Refuse a key that is not among the `known`, naming the nearest that is."""
    words = list(known)
    for key in node:
        if key not in words:
            raise NodeError(f"unknown key “{brief(key)}” in {where}", key, hint=nearest(key, words))


def close(word: str, known: Iterable[str]) -> str:
    """A hint that names the known word nearest to one that is not known; "" where none is near."""
    words = sorted(known)
    found = get_close_matches(word, words, n=1) or get_close_matches(word.lower(), words, n=1)
    return f"Did you mean “{found[0]}”?" if found else ""


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint that names the known word nearest to one that is not known, or all of them if they are few."""
    words = sorted(known)
    if found := close(word, words):
        return found
    return f"Known here: {', '.join(words)}." if 0 < len(words) <= _MOST_NAMED else ""


def described(node: Node) -> str:
    """The node in a few words, for a message."""
    if isinstance(node, Mapping):
        return "a mapping"
    if isinstance(node, Sequence):
        return "a list"
    return f"“{brief(node)}”" if node else "nothing"


def brief(text: str) -> str:
    """A text, or the beginning of a long one, for a message."""
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
