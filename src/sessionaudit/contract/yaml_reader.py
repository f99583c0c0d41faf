"""Read a YAML file into nodes with positions.

The events of libyaml are read directly, in a quarter of the time of PyYAML's objects, and become texts; no types are
guessed. Features on which YAML readers disagree are refused: tags, anchors, aliases (so a file cannot grow when it is
read), duplicate keys.
"""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any

import yaml

from sessionaudit.contract.file_text import SPLIT
from sessionaudit.core.finding import Location
from sessionaudit.core.node import Mapping, Node, Scalar, Sequence, Source, brief
from sessionaudit.core.place import LINE_BREAK, line_and_column, line_starts
from sessionaudit.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Callable

# Far more than 5,000 tables need (350,000 values), and low enough to limit time and memory: 0.4 GiB at most.
MOST_DEPTH = 16
MOST_VALUES = 1_000_000
MOST_CHARACTERS = 1_000_000  # of one text; a million words of SQL are parsed in a few seconds

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


_OPEN = frozenset("{['\"")
# Characters that YAML does not permit (YAML 1.1, 5.1).
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufffe\uffff]")


def compose(text: str, file: str) -> Mapping:
    """Parse the text of a contract into nodes; `file` is its name in messages.

    Raises ContractError if it is not one YAML mapping.
    """
    return composed(Source(file, text), MOST_VALUES)[0]


def composed(read: Source, most: int) -> tuple[Mapping, int]:
    """Parse a file of a contract that may have `most` values and keys; return how many more others may have."""
    file, source, _ = read
    try:
        composer = _Composer(read, _events(source), most)
        return composer.document(), composer.left
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        location = Location(file, mark.line + 1, mark.column + 1) if mark else Location(file, 1, 1)
        _refuse_what_stands_before(source, file, location)
        problem = error.problem or error.context
        hint = _hint(source, location) or _opening(source, error)
        raise ContractError(f"not valid YAML: {problem}", location=location, hint=hint) from None
    except yaml.reader.ReaderError:
        match = _FORBIDDEN.search(source)
        line, column = line_and_column(source, match.start() if match else 0)
        what = f"the character U+{ord(match[0]):04X}" if match else "a character"
        raise ContractError(f"not valid YAML: {what} is not allowed", location=Location(file, line, column)) from None


def _events(source: str) -> Callable[[], yaml.Event]:
    """Return what gives the next event; none may be asked for after the end of the stream."""
    get_event: Callable[[], yaml.Event] = _Loader(source).get_event
    return get_event


def _refuse_what_stands_before(source: str, file: str, location: Location) -> None:
    """Report, with our own reason and location, an error before the position at which the library stopped.

    The library looks ahead up to 1,024 characters for the end of a possible key, and its limit for nesting depends on
    its version. If the text ends where the library stopped, it cannot look further ahead.
    """
    starts = line_starts(source)
    end = starts[location.line - 1] + location.column - 1 if location.line <= len(starts) else len(source)
    with contextlib.suppress(yaml.YAMLError):
        _Composer(Source(file, source), _events(source[:end]), MOST_VALUES).begin()


def _hint(source: str, location: Location) -> str:
    start = next(iter(line_starts(source)[location.line - 1 :]), len(source))  # a stream may end after its last line
    text = LINE_BREAK.split(source[start : start + 1000], maxsplit=1)[0]
    if "\t" in text[: len(text) - len(text.lstrip())]:
        return "Indent with spaces, not with tabs."
    found = text[location.column - 1 : location.column]
    mark = text[max(location.column - 2, 0) : location.column - 1]  # of an alias or an anchor that has no name
    return "Quote the text." if (found and found in "@`%,]}|>") or (mark and mark in "*&") else ""


def _opening(source: str, error: yaml.MarkedYAMLError) -> str:
    """Say where the bracket or the quote opens whose end was not found, if that is on another line; else ""."""
    opened, found = error.context_mark, error.problem_mark
    if opened is None or found is None or opened.line == found.line:
        return ""
    starts = line_starts(source)
    mark = source[starts[opened.line] + opened.column :][:1] if opened.line < len(starts) else ""
    return f"The {mark} in line {opened.line + 1}, column {opened.column + 1} is not closed." if mark in _OPEN else ""


class _Composer:
    """Builds nodes from events; `left` is how many more there may be."""

    def __init__(self, source: Source, following: Callable[[], yaml.Event], left: int) -> None:
        self._source = source
        self._file = source.file
        self._next = following
        self.left = left

    def document(self) -> Mapping:
        root = self.begin()
        if root is None:
            raise ContractError(
                "the contract is empty", location=Location(self._file, 1, 1), hint="It begins with “version: 1”."
            )
        self._next()  # the end of the document
        after = self._next()
        if not isinstance(after, yaml.StreamEndEvent):
            raise self._error("a second YAML document begins here; a contract must be one", after)
        if not isinstance(root, Mapping):
            raise ContractError(
                "a contract is a mapping that begins with “version: 1”",
                location=Location(self._file, root.line, root.column),
            )
        return root

    def begin(self) -> Node | None:
        """The first node, if there is one."""
        self._next()  # the start of the stream
        if isinstance(self._next(), yaml.StreamEndEvent):
            return None
        return self._node(self._next(), 0)

    def _error(self, message: str, event: yaml.Event, hint: str = "") -> ContractError:
        return ContractError(message, location=Location(self._file, *_place(event)), hint=hint)

    def _node(self, event: yaml.Event, depth: int) -> Node:
        self.left -= 1
        if self.left < 0:
            raise self._error(f"more than {MOST_VALUES:,} values and keys", event, SPLIT)
        if type(event) is yaml.ScalarEvent and event.anchor is event.tag is None:  # the most frequent event
            scalar = Scalar(event.value)
            style = event.style
            if style == '"' or len(scalar) > MOST_CHARACTERS:
                self._refuse_unfit(scalar, event)
            mark = event.start_mark
            if mark is not None:
                scalar.line, scalar.column = mark.line + 1, mark.column + 1
            scalar.style = style or ""
            scalar.source = self._source
            return scalar
        return self._other_node(event, depth)

    def _refuse_unfit(self, text: str, event: yaml.Event) -> None:
        if len(text) > MOST_CHARACTERS:
            raise self._error(f"a text of more than {MOST_CHARACTERS:,} characters", event, "Make it shorter.")
        if "\0" in text or not (text.isascii() or _encodable(text)):  # only text in quotes has escapes
            raise self._error("the text holds a character that PostgreSQL cannot store", event)

    def _other_node(self, event: yaml.Event, depth: int) -> Node:
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
            raise self._error(f"the tag {tag} is not allowed", event, "Write the value without a tag.")
        if isinstance(event, yaml.ScalarEvent):
            event.tag = None  # it is the one that says that there is none
            self.left += 1
            return self._node(event, depth)
        if depth >= MOST_DEPTH:
            raise self._error(
                f"nested deeper than {MOST_DEPTH} levels", event, "No part of a contract is nested that deep."
            )
        return (
            self._sequence(event, depth) if isinstance(event, yaml.SequenceStartEvent) else self._mapping(event, depth)
        )

    def _sequence(self, start: yaml.Event, depth: int) -> Sequence:
        result = Sequence()
        result.source = self._source
        result.line, result.column = _place(start)
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            result.append(self._node(event, depth + 1))
        return result

    def _mapping(self, start: yaml.Event, depth: int) -> Mapping:
        result = Mapping()
        result.source = self._source
        result.line, result.column = _place(start)
        following, node, below = self._next, self._node, depth + 1
        while type(event := following()) is not yaml.MappingEndEvent:
            key = node(event, below)
            if not isinstance(key, Scalar):
                raise self._error("a key must be a text", event)
            if key in result:
                first = next(other for other in result if other == key)
                raise self._error(f"duplicate key “{brief(key)}”", event, f"It is already in line {first.line}.")
            result[key] = node(following(), below)
        return result


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True


def _place(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)
