"""A YAML file as nodes that know their place.

The bare events of libyaml are read, a quarter of the price of PyYAML's own objects, and turned into
texts without guessing types. What readers of YAML disagree about is refused: tags, anchors,
aliases (so no file can grow when it is read), duplicate keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from sessionaudit.core.finding import Location
from sessionaudit.core.node import Mapping, Node, Scalar, Sequence
from sessionaudit.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_BYTES = 64 * 1024 * 1024
MOST_DEPTH = 16

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(path: Path) -> Mapping:
    """Read a contract file into nodes.

    Raises ContractError where the file cannot be read or is not one YAML mapping.
    """
    text = _text(path)
    try:
        return _Composer(str(path), yaml.parse(text, Loader=_Loader)).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        location = Location(str(path), mark.line + 1, mark.column + 1) if mark else Location(str(path), 1)
        hint = (
            "Indent with spaces, never with tabs."
            if "\\t" in str(error.problem) or "token" in str(error.problem)
            else ""
        )
        raise ContractError(f"not valid YAML: {error.problem or error.context}", location=location, hint=hint) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ContractError(
            f"not valid YAML: the character #x{ord(str(error.character)):04x} may not stand in it"
            if isinstance(error.character, str)
            else "not valid YAML: a character may not stand in it",
            location=Location(str(path), line),
        ) from None


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise ContractError(
            f"there is no contract {path}",
            hint="Name it with --contract FILE or SESSIONAUDIT_CONTRACT; `sessionaudit demo` shows one at work.",
        ) from None
    except OSError as error:
        raise ContractError(f"cannot read the contract {path}: {error.strerror}") from None
    if len(raw) > MOST_BYTES:
        raise ContractError(f"the contract {path} is larger than {MOST_BYTES // 1024 // 1024} MiB")
    if b"\0" in raw:
        raise ContractError(
            "this is a binary file, not a contract",
            location=Location(str(path), raw.count(b"\n", 0, raw.index(b"\0")) + 1),
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - (raw.rfind(b"\n", 0, error.start) + 1) + 1
        raise ContractError(
            f"the byte 0x{raw[error.start]:02x} is not UTF-8",
            location=Location(str(path), line, column),
            hint="Save the file as UTF-8.",
        ) from None


class _Composer:
    """Builds nodes from events."""

    def __init__(self, file: str, events: Iterator[yaml.Event]) -> None:
        self._file = file
        self._events = events

    def document(self) -> Mapping:
        next(self._events)  # the start of the stream
        first = next(self._events)
        if isinstance(first, yaml.StreamEndEvent):
            raise ContractError("the contract is empty", location=Location(self._file, 1))
        root = self._node(next(self._events), 0)
        next(self._events)  # the end of the document
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise self._error("a second document begins here; a contract is one", after)
        if not isinstance(root, Mapping):
            raise ContractError(
                "a contract is a mapping that begins with “version: 1”",
                location=Location(self._file, root.line, root.column),
            )
        return root

    def _error(self, message: str, event: yaml.Event, hint: str = "") -> ContractError:
        return ContractError(message, location=Location(self._file, *_place(event)), hint=hint)

    def _node(self, event: yaml.Event, depth: int) -> Node:
        if not isinstance(event, yaml.NodeEvent):
            raise self._error("expected a value", event)
        if isinstance(event, yaml.AliasEvent):
            raise self._error(f"the alias *{event.anchor} is not allowed", event, "Write the value out.")
        if event.anchor is not None:
            raise self._error(
                f"the anchor &{event.anchor} is not allowed", event, "Write the value out where it is used."
            )
        tag: str | None = getattr(event, "tag", None)
        if tag is not None and tag != "!":
            raise self._error(f"the tag {tag} is not allowed", event, "Write the value without it.")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if depth >= MOST_DEPTH:
            raise self._error(f"nested deeper than {MOST_DEPTH} levels", event)
        return (
            self._sequence(event, depth) if isinstance(event, yaml.SequenceStartEvent) else self._mapping(event, depth)
        )

    @staticmethod
    def _scalar(event: yaml.ScalarEvent) -> Scalar:
        scalar = Scalar(event.value)
        scalar.line, scalar.column = _place(event)
        scalar.style = event.style or ""
        return scalar

    def _sequence(self, start: yaml.Event, depth: int) -> Sequence:
        result = Sequence()
        result.line, result.column = _place(start)
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            result.append(self._node(event, depth + 1))
        return result

    def _mapping(self, start: yaml.Event, depth: int) -> Mapping:
        result = Mapping()
        result.line, result.column = _place(start)
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            if not isinstance(key, Scalar):
                raise self._error("a key must be a text", event)
            if key in result:
                first = next(other for other in result if other == key)
                raise self._error(
                    f"the key “{key}” stands here twice", event, f"It stands in line {first.line} already."
                )
            result[key] = self._node(next(self._events), depth + 1)
        return result


def _place(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)
