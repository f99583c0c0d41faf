"""A file of SQL cut into statements, as psql does it: what psql itself would take is skipped or refused."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.sql.text import UnclosedError, folded, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_WORDS = 16  # by which a statement is told
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)?")
_END_OF_DATA = re.compile(r"^\\\.[ \t]*(?:\r?\n|\Z)", re.MULTILINE)
_META = re.compile(r"\\(\S*)[ \t]*([^\r\n]*)")
# What has no effect on what a file makes; `\restrict` guards a dump against names that psql would take for a command.
_HARMLESS = {"restrict", "unrestrict", "echo", "qecho", "warn", "timing", "pset", "encoding", "p"}
_OF_PSQL = re.compile(r"(?:ON_ERROR_STOP|ON_ERROR_ROLLBACK|VERBOSITY|QUIET|ECHO\w*|SHOW_\w+|AUTOCOMMIT)\b")
_CONNECTS = {"c", "connect"}


class SqlStatement(Struct, frozen=True, kw_only=True):
    """One statement: its text, without the semicolon, where it starts, its first words, and the data of a COPY."""

    text: str
    start: int
    words: tuple[str, ...]
    data: str | None = None

    @property
    def alone(self) -> bool:
        """Whether the server refuses it in a transaction that has others, or it begins or ends one itself."""
        one, two = (*self.words[:2], "", "")[:2]
        concurrent = "concurrently" in self.words and ("index" in self.words or "reindex" in self.words)
        return (
            self.ends_transaction
            or concurrent
            or one in {"vacuum", "begin", "discard"}
            or (one, two) in _ALONE
            or ((one, two) == ("cluster", ""))
            or ((one, two) == ("alter", "type") and _ADDS_VALUE.search(self.text) is not None)
            or ((one, two) == ("alter", "table") and _DETACHES.search(self.text) is not None)
        )

    @property
    def ends_transaction(self) -> bool:
        """Whether it begins, ends or divides a transaction."""
        return self.words[:1] == ("start",) or self.words[0] in _CONTROLS


_CONTROLS = frozenset(("begin", "commit", "end", "rollback", "abort", "savepoint", "release"))
_ALONE = frozenset(
    (verb, noun)
    for verb, nouns in (
        ("create", ("database", "tablespace", "subscription")),
        ("drop", ("database", "tablespace", "subscription")),
        ("alter", ("system", "subscription")),
        ("reindex", ("database", "schema", "system")),
    )
    for noun in nouns
)
_ADDS_VALUE = re.compile(r"\badd\s+value\b", re.IGNORECASE)
_DETACHES = re.compile(r"\bdetach\s+partition\b.*\bconcurrently\b", re.IGNORECASE | re.DOTALL)


class UnsplitError(ValueError):
    """A file that cannot be cut into statements; `start` is where, `hint` what helps.

    It may be cut at a command `of_psql`, which is not run here.
    """

    def __init__(self, message: str, start: int, hint: str = "", *, of_psql: bool = False) -> None:
        super().__init__(message)
        self.start, self.hint, self.of_psql = start, hint, of_psql


def statements(source: str, *, psql: bool = True) -> Iterator[SqlStatement]:
    """The statements of a file, in their order; no command of psql is in one without `psql`. Raises UnsplitError."""
    position, zero = 0, source.find("\0")
    while True:
        try:
            found = _next(source, position, psql=psql)
        except UnsplitError as error:
            if zero >= position and (zero <= error.start or not error.hint):
                raise UnsplitError(_NUL, zero, _ENCODING) from None
            raise
        if found is None:
            return
        statement, after = found
        if position <= zero < after:
            raise UnsplitError(_NUL, zero, _ENCODING)
        position = after
        if statement is not None:
            yield statement


_NUL = "a NUL character, which no text of PostgreSQL may have"
_ENCODING = "Save it as UTF-8."


def _next(source: str, position: int, *, psql: bool) -> tuple[SqlStatement | None, int] | None:
    """The statement after a position, None for what is none, and where it ends; None at the end of the file."""
    words: list[str] = []
    start = last = depth = begun = 0
    try:
        for token in tokens(source, position):
            if token.text == ";" and depth <= 0 and not begun:
                return _made(source, start, token.start, token.end, words) if words else (None, token.end)
            if not words:
                start = token.start
            last = token.end
            word = folded(token.text) if token.sort == "word" else token.text
            depth += (word == "(") - (word == ")")
            if len(words) < _MOST_WORDS:
                words.append(word)
            if token.sort == "word" and depth <= 0 and _is_routine(words):
                begun += word == "begin" or (word == "case" and begun > 0)
                begun -= word == "end" and begun > 0
    except UnclosedError as error:
        escaped = source.find("\\'", start, error.start + 2) if words and source[error.start] in "\\'" else -1
        if escaped != -1:
            raise UnsplitError("a backslash does not escape the quote after it", escaped, _QUOTES) from None
        if source[error.start] != "\\":
            raise UnsplitError(str(error), error.start) from None
        if not psql:
            raise UnsplitError('syntax error at or near "\\"', error.start, _SERVER) from None
        if words:
            message = "a meta-command of psql stands in a statement"
            raise UnsplitError(message, error.start, _PSQL, of_psql=True) from None
        return None, _after_command(source, error.start)
    return _made(source, start, last, last, words) if words else None


_QUOTES = "Write '' for a quote in a string, or E before the string: E'…'."
_SERVER = "A command of psql is nothing that the server knows: remove it."
_PSQL = "Only SQL is run here, and what pg_dump writes: remove it from the file."


def _is_routine(words: list[str]) -> bool:
    kind = words[3:4] if words[1:3] == ["or", "replace"] else words[1:2]
    return words[0] == "create" and kind in (["function"], ["procedure"])


def _made(source: str, start: int, end: int, after: int, words: list[str]) -> tuple[SqlStatement, int]:
    data = None
    if words[0] == "copy" and _reads_stdin(source[start:end]):
        after = _after_line(source, after)
        close = _END_OF_DATA.search(source, after)
        data = source[after : close.start() if close else len(source)]
        after = close.end() if close else len(source)
    return SqlStatement(text=source[start:end], start=start, words=tuple(words), data=data), after


def _reads_stdin(text: str) -> bool:
    found = [folded(token.text) for token in tokens(text)]
    return any(pair == ("from", "stdin") for pair in itertools.pairwise(found))


def _after_line(source: str, position: int) -> int:
    match = _LINE.match(source, position)
    return match.end() if match else len(source)


def _after_command(source: str, start: int) -> int:
    """Where the line of a command of psql ends, if it is one without which the file means the same."""
    match = _META.match(source, start)
    name, rest = (match[1], match[2]) if match else ("", "")
    if name in _CONNECTS:
        hint = "Make the dump without --create, or remove the line."
        raise UnsplitError(f"\\{name} would go to another database", start, hint, of_psql=True)
    if name not in _HARMLESS and not (name == "set" and _OF_PSQL.match(rest)):
        raise UnsplitError(f"the meta-command \\{name} of psql is not supported", start, _PSQL, of_psql=True)
    return _after_line(source, start)
