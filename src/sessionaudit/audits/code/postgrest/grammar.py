"""Read the query parameters of PostgREST: what all of its grammars share.

After PostgREST's `ApiRequest/QueryParams.hs`, of its version 14. Each part knows its offsets in the text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from sessionaudit.audits.code.postgrest.wire_text import HOLE

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
MALFORMED = "PGRST100"
_KEPT = 4096  # applications ask for the same again and again
_NAME = "a field name"
_KEY = re.compile(r"[^(\-:.,>)]+")
_IDENTIFIER = re.compile(rf"[\w $ {HOLE}]+")


class QueryError(ValueError):
    """PostgREST rejects a text: its code, its message, and the offset where it stops to understand."""

    def __init__(self, message: str, offset: int, state: str = MALFORMED) -> None:
        super().__init__(message)
        self.offset, self.state = offset, state


class JsonStep(NamedTuple):
    """A step into a value of JSON: `->` or `->>`, and a key or the number of an element."""

    arrow: str
    key: str
    is_index: bool


class QueryField(NamedTuple):
    """A column, and a path into it, from `start` to `end` of a text."""

    name: str
    path: tuple[JsonStep, ...]
    start: int
    end: int

    @property
    def known(self) -> bool:
        """Whether the code tells all of it."""
        return HOLE not in self.name and not any(HOLE in step.key for step in self.path)


class Scanner:
    """Reads a text from left to right; what does not fit raises QueryError."""

    def __init__(self, text: str, at: int = 0) -> None:
        self.text, self.at = text, at
        self._furthest = QueryError("", -1)

    @property
    def ended(self) -> bool:
        """Whether the whole text was read."""
        return self.at >= len(self.text)

    def next(self) -> str:
        """Return the next character, "" at the end."""
        return self.text[self.at : self.at + 1]

    def take(self, word: str) -> bool:
        """Read a word, if it comes next."""
        if self.text.startswith(word, self.at):
            self.at += len(word)
            return True
        return False

    def need(self, word: str, expecting: str = "") -> None:
        """Read a word, which has to come next."""
        if not self.take(word):
            raise self.error(expecting or f"“{word}”")

    def take_while(self, wanted: Callable[[str], bool]) -> str:
        """Read the characters that are wanted."""
        start = self.at
        while self.at < len(self.text) and wanted(self.text[self.at]):
            self.at += 1
        return self.text[start : self.at]

    def take_all(self, pattern: re.Pattern[str]) -> str:
        """Read what a pattern matches, which may be nothing."""
        match = pattern.match(self.text, self.at)
        if match is None:
            return ""
        self.at = match.end()
        return match[0]

    def blanks(self) -> None:
        """Read blanks."""
        while self.text.startswith((" ", "\t"), self.at):
            self.at += 1

    def error(self, expecting: str) -> QueryError:
        """Return the error for what comes next, where something else is expected."""
        found = f"“{self.next()}”" if self.next() else "end of the text"
        error = QueryError(f"unexpected {found}, expecting {expecting}", self.at)
        if self.at >= self._furthest.offset:
            self._furthest = error
        return error

    @property
    def furthest(self) -> QueryError:
        """The error of the attempt that went furthest."""
        return self._furthest

    def attempt(self, read: Callable[[], T]) -> T | None:
        """Read something, or go back to where it began."""
        start = self.at
        try:
            return read()
        except QueryError:
            self.at = start
            return None

    def separated(self, read: Callable[[], T], *, blanks: bool = False) -> list[T]:
        """Read one or more things, with commas between them."""
        found = [read()]
        while True:
            start = self.at
            if blanks:
                self.blanks()
            if not self.take(","):
                self.at = start
                return found
            if blanks:
                self.blanks()
            found.append(read())


def identifier(scanner: Scanner) -> str:
    """Read letters, digits, `_`, `$` and blanks; those around are left out."""
    found = scanner.take_all(_IDENTIFIER)
    if not found:
        raise scanner.error("letters or digits")
    return found.strip()


def quoted_value(scanner: Scanner) -> str:
    """Read a text in double quotes, in which a backslash takes the next character as it is."""
    scanner.need('"')
    result = ""
    while not scanner.ended and scanner.next() != '"':
        if scanner.next() == "\\":
            scanner.at += 1
            if scanner.ended:
                break
        result += scanner.next()
        scanner.at += 1
    scanner.need('"', "a closing quote")
    return result


def field_name(scanner: Scanner) -> str:
    """Read a name: in quotes, or of words with dashes between them."""
    if scanner.next() == '"':
        return quoted_value(scanner)
    parts = [_word(scanner)]
    while scanner.next() == "-" and scanner.text[scanner.at + 1 : scanner.at + 2] != ">":
        scanner.at += 1
        parts.append(_word(scanner))
    return "-".join(parts)


def _word(scanner: Scanner) -> str:
    try:
        return identifier(scanner)
    except QueryError:
        raise scanner.error(_NAME) from None


def json_path(scanner: Scanner) -> tuple[JsonStep, ...]:
    """Read `->key`, `->>key`, `->0` and so on."""
    steps: list[JsonStep] = []
    while True:
        arrow = "->>" if scanner.take("->>") else "->" if scanner.take("->") else ""
        if not arrow:
            return tuple(steps)
        index = scanner.attempt(lambda: _index(scanner))
        steps.append(JsonStep(arrow, index, True) if index else JsonStep(arrow, _key(scanner), False))


def _index(scanner: Scanner) -> str:
    sign = "-" if scanner.take("-") else "+"
    digits = scanner.take_while(str.isdigit)
    if not digits:
        raise scanner.error("a digit")
    if not (scanner.ended or scanner.next() in ".," or scanner.text.startswith(("->", "::"), scanner.at)):
        raise scanner.error("the end of a number")
    return sign + digits


def _key(scanner: Scanner) -> str:
    if scanner.next() == '"':
        return quoted_value(scanner)
    parts = [_key_word(scanner)]
    while scanner.next() == "-" and scanner.text[scanner.at + 1 : scanner.at + 2] != ">":
        scanner.at += 1
        parts.append(_key_word(scanner))
    return "-".join(parts)


def _key_word(scanner: Scanner) -> str:
    found = scanner.take_all(_KEY)
    if not found:
        raise scanner.error("a key")
    return found.strip()


def field(scanner: Scanner) -> QueryField:
    """Read a column with a path into it, and blanks around."""
    scanner.blanks()
    start = scanner.at
    name = field_name(scanner)
    path = json_path(scanner)
    end = start + len(scanner.text[start : scanner.at].rstrip())
    scanner.blanks()
    return QueryField(name, path, start, end)


def columns(text: str) -> list[QueryField]:
    """Read a list of names, as of `columns` and `on_conflict`. Raises QueryError."""
    scanner = Scanner(text)

    def one() -> QueryField:
        start = scanner.at
        name = field_name(scanner)
        return QueryField(name, (), start, scanner.at)

    return scanner.separated(one, blanks=True)


class TreePath(NamedTuple):
    """The name of a parameter: the embedded tables that lead to a column, and the column."""

    tables: tuple[str, ...]
    field: QueryField


@lru_cache(maxsize=_KEPT)
def tree_path(text: str) -> TreePath:
    """Read the name of a filter, an order or a limit. Raises QueryError."""
    scanner = Scanner(text)
    names: list[str] = []
    while True:
        start = scanner.at
        names.append(field_name(scanner))
        if not scanner.take("."):
            break
    path = json_path(scanner)
    return TreePath(tuple(names[:-1]), QueryField(names[-1], path, start, scanner.at))
