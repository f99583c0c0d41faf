"""Find the earlier failure that a failure follows from: the statement that was to make what is missing now.

No server has read what was rejected, so that is told by its text: what it makes by the words before the name.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.audits.migrations.named_in import named_in
from sessionaudit.core import sqlstate
from sessionaudit.sql.text import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.finding import Location

_PART = r'(?:"(?:[^"]|"")+"|[\w$]+)'
_BEFORE_THE_SORT = "(?:global|local|temp|temporary|unlogged|foreign|materialized|recursive|unique)"
_MADE = re.compile(
    rf"\bcreate\s+(?:or\s+replace\s+)?(?:{_BEFORE_THE_SORT}\s+)*(?:table|view|type|domain|schema|sequence|function|procedure|index|role"
    rf"|aggregate|collation|extension|publication|server|foreign\s+data\s+wrapper|event\s+trigger|user)\s+(?:concurrently\s+)?(?:if\s+not\s+exists\s+)?(?:{_PART}\s*\.\s*)?(?P<name>{_PART})",
    re.IGNORECASE,
)
_ADDED = re.compile(rf"\badd\s+(?:column\s+|constraint\s+)?(?:if\s+not\s+exists\s+)?(?P<name>{_PART})", re.IGNORECASE)
_RENAMED = re.compile(rf"\brename\b[^;]*?\bto\s+(?P<name>{_PART})", re.IGNORECASE)
_MOVED = re.compile(rf"\balter\s+\w+(?:\s+\w+)??\s+(?P<name>{_PART})\s+set\s+schema\b", re.IGNORECASE)
_ENUM_VALUE = re.compile(r"\btype\b[^;]*?'(?P<name>(?:[^']|'')*)'", re.IGNORECASE)
_HAS_COLUMNS = re.compile(
    rf"\bcreate\s+(?:or\s+replace\s+)?(?:{_BEFORE_THE_SORT}\s+)*(?:table|view|type)\b|\breturns\s+table\b",
    re.IGNORECASE,
)
_RELATION = re.compile(
    rf"\b(?:table|view|type|function)\s+(?:if\s+(?:not\s+)?exists\s+)?(?:only\s+)?(?:{_PART}\s*\.\s*)?(?P<name>{_PART})",
    re.IGNORECASE,
)
_OF_RELATION = re.compile(r'of relation "(?P<name>[^"]+)"')
# What may make anything that its text has a word of: a program that composes statements, and the call of a function.
_COMPOSES = re.compile(
    r"\s*do\b.*\b(?:perform|call|execute\b(?!\s+(?:function|procedure)\b))"
    rf"|\s*(?:select\s+(?:\*\s+from\s+)?|call\s+)(?:{_PART}\s*\.\s*)?{_PART}\s*\(.*\)\s*\Z",
    re.IGNORECASE | re.DOTALL,
)
_KEYS = re.compile(r"\b(?:primary\s+key|unique|exclude)\b", re.IGNORECASE)
_QUOTED = re.compile(r'"([^"]+)"')
_BARE = re.compile(r"^(?:column|function|procedure|aggregate|operator class|type) ([^\s\"(]+)")
_WORDS = re.compile(r"[\w$]+")
_QUALIFIER = re.compile(rf"{_PART}\s*\.\s*")
_OF_NAMES = frozenset((*sqlstate.UNDEFINED, sqlstate.INVALID_SCHEMA_NAME, sqlstate.INVALID_TEXT_REPRESENTATION))
_OF_KEYS = frozenset((sqlstate.INVALID_FOREIGN_KEY, sqlstate.INVALID_COLUMN_REFERENCE))


class FailureCause(NamedTuple):
    """An earlier statement or file without whose effect a later one fails; `unproven` says that it may not fail."""

    location: Location
    unproven: bool


class _Failed(NamedTuple):
    cause: FailureCause
    text: str
    relations: frozenset[str]  # whose columns it would make, in lower case


class FailureCauses:
    """What has failed so far."""

    def __init__(self) -> None:
        self._failed: list[_Failed] = []
        self._makers: dict[str, list[int]] = defaultdict(list)  # by what was to be made, places among the failures
        self._makers_of_columns: dict[str, list[int]] = defaultdict(list)
        self._unread: FailureCause | None = None

    def note(self, cause: FailureCause, text: str | None, message: str = "") -> None:
        """Take note of a statement, or the text of a file, that had no effect; None for a text that is not known."""
        if text is None:
            self._unread = self._unread or cause
            return
        lacked = frozenset(missing_names(message))
        for name in made_by(text) - lacked:
            self._makers[name].append(len(self._failed))
        for name in columns_made_by(text) - lacked:
            self._makers_of_columns[name].append(len(self._failed))
        self._failed.append(_Failed(cause, text, relations_of(text)))

    def of(self, state: str, message: str, statement: str) -> FailureCause | None:
        """Return what a failure follows from; None where nothing is known that was to make what it lacks."""
        if state in _OF_KEYS:
            words = _words(f"{message} {statement}")
            return next((one.cause for one in self._failed if _is_key_of(one.text, words)), None)
        names = frozenset(missing_names(message)) if state in _OF_NAMES else frozenset[str]()
        if not names:
            return None
        if state == sqlstate.UNDEFINED_COLUMN:
            # Several tables have columns of one name: it is one of a table that the statement names.
            of = _OF_RELATION.search(message)
            tables = {of["name"].lower()} if of else _words(_QUALIFIER.sub("", statement)) - {*map(str.lower, names)}
            found = [
                place
                for name in names
                for place in self._makers_of_columns.get(name, ())
                if self._failed[place].relations & tables
            ]
        else:
            found = [place for name in names for place in self._makers.get(name, ())[:1]]
        return self._failed[min(found)].cause if found else self._unread


def missing_names(message: str) -> Iterator[str]:
    """Return the names that a message says are not there, without their schemas."""
    yield from (name.rpartition(".")[2] for name in _QUOTED.findall(message))
    if found := _BARE.match(message):
        yield found[1].rpartition(".")[2]


def made_by(text: str) -> frozenset[str]:
    """Return the names of what a text would make: in a program that composes its statements, any word of it."""
    found = {
        unquote(match["name"]) for pattern in (_MADE, _ADDED, _RENAMED, _MOVED) for match in pattern.finditer(text)
    }
    found |= {match["name"].replace("''", "'") for match in _ENUM_VALUE.finditer(text)}
    found |= {ref.path[-1] for ref in named_in(text)}
    if _COMPOSES.match(text):
        found |= {form for word in _WORDS.findall(text) for form in (word, word.lower())}
    return frozenset(found)


def columns_made_by(text: str) -> frozenset[str]:
    """Return the words of a text that may be columns which it would make."""
    if not (_HAS_COLUMNS.search(text) or _ADDED.search(text) or _RENAMED.search(text) or _COMPOSES.match(text)):
        return frozenset()
    return frozenset(form for word in _WORDS.findall(text) for form in (word, word.lower()))


def relations_of(text: str) -> frozenset[str]:
    """Return the names, in lower case, of the relations, types and functions whose columns a text would make."""
    if _COMPOSES.match(text):
        return frozenset(_words(text))
    return frozenset(unquote(match["name"]).lower() for match in _RELATION.finditer(text))


def _words(text: str) -> set[str]:
    return {word.lower() for word in _WORDS.findall(text)}


def _is_key_of(text: str, words: set[str]) -> bool:
    """Whether a text would make a key of a table that is among some words."""
    if not _KEYS.search(text):
        return False
    return any(len(ref.path) > 1 and ref.path[1].lower() in words for ref in named_in(text))
