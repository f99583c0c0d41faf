"""Define the nodes of a contract file: texts, lists and mappings with their positions.

Lines and columns count from 1. A `Scalar` is a `str`, a `Sequence` is a `list`, and a `Mapping` is a `dict`, so that
kinds need no other interface to read them.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple, TypeVar, Union

from sessionaudit.core.visible import escape

if TYPE_CHECKING:
    from collections.abc import Iterable


class Source(NamedTuple):
    """A contract file: its name in messages, its text, and its folder as seen from that of the main file."""

    file: str
    text: str
    folder: str = ""


class Scalar(str):
    """A text of a file; `style` is YAML's `'`, `"`, `|` or `>`, or "" for an unquoted text."""

    __slots__ = ("column", "line", "source", "style")
    source: Source
    line: int
    column: int
    style: str


class Sequence(list["Node"]):
    """A list."""

    __slots__ = ("column", "line", "source")
    source: Source
    line: int
    column: int


class Mapping(dict[Scalar, "Node"]):
    """A mapping, in the order of the file; its keys are Scalars."""

    __slots__ = ("column", "line", "source")
    source: Source
    line: int
    column: int


Several = TypeVar("Several", Sequence, Mapping)
Flow = Union[str, bool, "list[str]", "dict[str, str | list[str]]"]
Node = Union[Scalar, Sequence, Mapping]  # noqa: UP007 - `|` cannot join names that are still strings

ABSENT = "absent"
PRESENT = "present"
UNNAMED, IGNORE = "unnamed", "ignore"  # of what holds others: what its entry does not name is not judged


def standing_at(made: Several, like: Sequence | Mapping) -> Several:
    """Give a list or a mapping that was made from another one the place of that."""
    made.source, made.line, made.column = like.source, like.line, like.column
    return made


class NodeError(ValueError):
    """A part of the contract does not have the required form.

    `offset` is the position of the error in a text, in characters from its start.
    """

    def __init__(self, message: str, node: Node, hint: str = "", offset: int | None = None) -> None:
        super().__init__(message)
        self.node = node
        self.hint = hint
        self.offset = offset


# Texts that YAML 1.1 or 1.2 readers convert to another type.
_WORDS = frozenset("y yes n no on off true false null".split())
# Compiled when first used: a check writes no YAML.
_SURPRISE = r"""(?ix:(?: y | yes | n | no | on | off | true | false | null | ~ | = | [-+]?\.(?:inf|nan)
      | [-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9]+)(?:e[-+]?[0-9]+)? | 0x[0-9a-f_]+ | 0o[0-7_]+ | 0b[01_]+
      | [-+]?[0-9]+(?::[0-5]?[0-9])+(?:\.[0-9]*)? | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[t ].*)? )\Z)"""
_PLAIN = r"[^\W_](?:[\w .()-]*[\w)])?\Z"
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_MOST_NAMED = 40
_LONGEST_SHOWN = 60


def text(node: Node, what: str) -> Scalar:
    """Return the node as a text that every YAML reader reads as the same text.

    Raises NodeError if it is a list, a mapping, empty, or an unquoted `no`, `on`, `1` and the like.
    """
    if not isinstance(node, Scalar):
        raise NodeError(f"expected {what}, found {described(node)}", node)
    words = " " in node and node[0].isalpha()  # most texts are several words, which are safe
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
    """Whether a text must be quoted so that no YAML reader converts it to another type."""
    return not text or re.match(_SURPRISE, text) is not None


def flow(value: Flow) -> str:
    """Spell a text, a list or a mapping as YAML on one line, with quotes only where they are required."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _in_flow(value)
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_in_flow(key)}: {flow(said)}' for key, said in value.items())}}}"
    return f"[{', '.join(map(flow, value))}]"


def _in_flow(text: str) -> str:
    if re.match(_PLAIN, text) and not surprising(text):
        return text
    return in_quotes(text)


def in_quotes(text: str) -> str:
    """A text as YAML in quotes, on one line, in which whatever cannot be seen is spelled by its code."""
    if text.isprintable() and ("'" not in text or {'"', "\\"} & set(text)):
        return "'" + text.replace("'", "''") + "'"
    return '"' + "".join(one if one.isprintable() and one not in '"\\' else _escaped(one) for one in text) + '"'


def _escaped(character: str) -> str:
    return _ESCAPES.get(character) or escape(ord(character))


def one_of(node: Node, words: Iterable[str]) -> str:
    """Return the node as one of some words. Raises NodeError."""
    known = list(words)
    if not isinstance(node, Scalar) or node not in known:
        raise NodeError(f"expected one of {', '.join(known)}; found {described(node)}", node, close(str(node), known))
    return str(node)


def name(key: Scalar) -> Scalar:
    """Check the name of an object. Raises NodeError if it is empty, or an unquoted `no`, `on`, `1` and the like."""
    if not key:
        raise NodeError("expected a name, found nothing", key)
    if not key.style and (not key[0].isalpha() or key.lower() in _WORDS):
        text(key, "a name")
    return key


def mapping(node: Node, what: str) -> Mapping:
    """Return the node as a mapping. Raises NodeError."""
    if not isinstance(node, Mapping):
        raise NodeError(f"expected {what}, found {described(node)}", node)
    return node


def sequence(node: Node, what: str) -> Sequence:
    """Return the node as a list. Raises NodeError."""
    if not isinstance(node, Sequence):
        raise NodeError(f"expected {what}, found {described(node)}", node, hint="Write a list in brackets: [a, b].")
    return node


def texts(node: Node, what: str) -> tuple[str, ...]:
    """Return the node as a list of texts. Raises NodeError."""
    return tuple(str(text(item, what)) for item in sequence(node, f"a list, each item {what}"))


def known_keys(node: Mapping, known: Iterable[str], where: str) -> None:
    """Refuse a key that is not among the `known`, and suggest the most similar one."""
    words = list(known)
    for key in node:
        if key not in words:
            raise NodeError(f"unknown key “{brief(key)}” in {where}", key, hint=nearest(key, words))


def close(word: str, known: Iterable[str]) -> str:
    """Return a hint with the known word most similar to an unknown one; "" if none is similar."""
    words = sorted(known)
    found = get_close_matches(word, words, n=1) or get_close_matches(word.lower(), words, n=1)
    return f"Did you mean “{found[0]}”?" if found else ""


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a hint with the known word most similar to an unknown one, or those that have it in them, or all.

    Many are not listed.
    """
    words = sorted(known)
    if found := close(word, words):
        return found
    told = [one for one in words if word in one] or words
    return f"Known here: {', '.join(told)}." if 0 < len(told) <= _MOST_NAMED else ""


def described(node: Node) -> str:
    """Describe the node in a few words, for a message."""
    if isinstance(node, Mapping):
        return "a mapping"
    if isinstance(node, Sequence):
        return "a list"
    return f"“{brief(node)}”" if node else "nothing"


def brief(text: str) -> str:
    """Return a text, or the beginning of a long one, for a message."""
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
