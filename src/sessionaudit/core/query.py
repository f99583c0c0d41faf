"""Compose a statement of our SQL and parts from outside, with their positions.

One rule applies to `%`, in our files and constants, in the contract and in the files that it names: it is literal,
except in a parameter `%(name)s` outside of quotes and comments. This module doubles `%` where psycopg requires it.

Only `postgres.contract_sql` can send a Query; it has the server parse each part first.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.core.node import Scalar
from sessionaudit.sql.text import UnclosedError, doubled, sent, tokens

if TYPE_CHECKING:
    from collections.abc import Callable

_OF_KEYS = re.compile(r"%\((keys)\)s")
_OURS = re.compile(r"%(?!\(\w+\)s)")
_PARAMETER = re.compile(r"%\((\w+)\)s")
KEYS = "%(keys)s"


@lru_cache(maxsize=256)
def spelled(text: str, parameter: str = r"\w+") -> bytes:
    """Prepare a statement for a call with parameters: double every `%`, except in a `%(parameter)s`.

    In quotes and in comments there are no parameters.
    """
    plain = re.compile(rf"%(?!\({parameter}\)s)")
    return sent(_by_quotes(text, lambda part: plain.sub("%%", part), doubled))


def constant(text: str) -> bytes:
    """Do the same for a constant of ours, which has no parameter in quotes or in a comment.

    Parsing the catalog queries for quotes would take longer than the server takes to run them.
    """
    return sent(_OURS.sub("%%", text))


def numbered(text: str) -> str:
    """Return a repair's statement as the server receives it, with `$1` for its keys."""
    return with_keys(text, "$1")


def with_keys(text: str, keys: str) -> str:
    """Return a repair's statement with an expression for its keys; every other `%` is literal."""
    return _by_quotes(text, lambda part: part.replace(KEYS, keys), str)


def takes_keys(text: str) -> bool:
    """Whether a repair's statement has the parameter outside of comments and quotes."""
    return with_keys(text, "") != text


def _by_quotes(text: str, outside: Callable[[str], str], inside: Callable[[str], str]) -> str:
    """Apply one function to the code of a SQL text, and another to its quoted names, texts and comments.

    All functions that distinguish parameters from other `%` use this rule.
    """
    result, at = "", 0
    for start, end in _opaque(text):
        result += outside(text[at:start]) + inside(text[start:end])
        at = end
    return result + outside(text[at:])


@lru_cache(maxsize=64)  # asked several times of each statement
def _opaque(text: str) -> tuple[tuple[int, int], ...]:
    """Return the positions of quoted names, texts and comments; none if PostgreSQL's scanner rejects the text."""
    if "%" not in text:
        return ()
    found: list[tuple[int, int]] = []
    at = 0
    try:
        for one in tokens(text):
            if at < one.start:  # blanks and comments, which are not tokens
                found.append((at, one.start))
            if one.sort in {"quoted", "string", "dollar"}:
                found.append((one.start, one.end))
            at = one.end
    except UnclosedError:
        return ()
    return (*found, (at, len(text)))


class Sort(Enum):
    """The grammatical kind of a part from outside."""

    EXPRESSION = "an expression"
    QUERY = "a query"
    STATEMENT = "a statement"
    TYPE = "a type"
    INDEX = "the definition of an index"
    EXCLUSION = "the definition of an exclusion constraint"
    STATISTICS = "what a statistics object covers"
    RULE = "what a rewrite rule does"
    BODY = "the body of a function"


class Part(Struct, frozen=True):
    """SQL from outside: its kind, its text, and its file if that is not the contract."""

    sort: Sort
    text: str
    file: str = ""


class Query:
    """SQL that records the positions of its parts from outside."""

    def __init__(self, start: str = "") -> None:
        self._pieces: list[str | Part] = [start] if start else []

    def __add__(self, text: str) -> Query:
        if isinstance(text, Scalar):
            raise TypeError("SQL of a contract must be added with `fragment` or `query`")
        self._pieces.append(text)
        return self

    def fragment(self, text: Scalar) -> Query:
        """Add an expression, in parentheses; a line break ends a comment at its end."""
        return self._enclosed(Part(Sort.EXPRESSION, text))

    def query(self, text: Scalar) -> Query:
        """Add a query that only reads, in parentheses."""
        return self._enclosed(Part(Sort.QUERY, text))

    def statement(self, text: str, file: str) -> Query:
        """Add a statement over the parameter `keys` that may write, from its own file."""
        self._pieces.append(Part(Sort.STATEMENT, text, file))
        return self

    def _enclosed(self, part: Part) -> Query:
        self._pieces += ["(", part, "\n)"]
        return self

    def include(self, other: Query) -> Query:
        """Add another query."""
        self._pieces += other._pieces
        return self

    @property
    def parts(self) -> tuple[Part, ...]:
        """All parts from outside, in their order."""
        return tuple(piece for piece in self._pieces if isinstance(piece, Part))

    def spelled(self, *, parameters: bool) -> bytes:
        """Return the text for psycopg. Only `postgres.contract_sql` uses it.

        In a call with parameters, only our own text has parameters, and a statement has `%(keys)s`; any other `%` is
        literal.
        """
        if not parameters:
            return sent("".join(piece if isinstance(piece, str) else piece.text for piece in self._pieces))
        return b"".join(
            spelled(piece)
            if isinstance(piece, str)
            else spelled(piece.text, "keys")
            if piece.sort is Sort.STATEMENT
            else sent(doubled(piece.text))
            for piece in self._pieces
        )

    def culprit(self, position: int, *, parameters: bool) -> tuple[Part, int] | None:
        """Return the part at a position (from 1) of the text sent to the server, and the offset in the part."""
        numbers: dict[str, str] = {}
        start = 0
        for piece in self._pieces:
            text = piece if isinstance(piece, str) else piece.text
            sent = _numbered(piece, numbers) if parameters else text
            if isinstance(piece, Part) and start < position <= start + len(sent) + 1:
                return piece, min(position - 1 - start, max(len(text) - 1, 0))
            start += len(sent)
        return None


def alone(part: Part) -> tuple[tuple[str, str, str], ...]:
    """Return the texts that PostgreSQL must be able to parse before a part is used: prefix, part and suffix.

    They are never run, and the names in them are not looked up: before PREPARE and CREATE VIEW are executed, the server
    only checks the grammar. An expression must be valid in two kinds of brackets: no text that is valid in both can
    close the bracket around it. A query must be SELECT, VALUES or TABLE, and a statement must read or change rows: the
    grammar permits no other there.
    """
    if part.sort is Sort.EXPRESSION:
        return ("prepare p as select (", part.text, "\n)"), ("prepare p as select array[", part.text, "\n]")
    if part.sort is Sort.TYPE:
        return ("prepare p as select (null::", part.text, "\n)"), ("prepare p as select array[null::", part.text, "\n]")
    if part.sort is Sort.INDEX:
        return (("create index i on t using ", part.text, "\n"),)
    if part.sort is Sort.EXCLUSION:  # after a comma one goes on with a column, the other with another command
        before = "constraint c exclude using "
        return (f"create table t ({before}", part.text, "\n)"), (f"alter table t add {before}", part.text, "\n")
    if part.sort is Sort.STATISTICS:
        return (("create statistics s ", part.text, "\nfrom t"),)
    if part.sort is Sort.RULE:
        return (("create rule r as on insert to t ", part.text, "\n"),)
    if part.sort is Sort.BODY:
        return (("create function f() returns integer language sql ", part.text, "\n"),)
    if part.sort is Sort.QUERY:
        return (("create view v as ", part.text, "\n"),)
    return (("prepare p as ", numbered(part.text), "\n"),)


def _numbered(piece: str | Part, numbers: dict[str, str]) -> str:
    """Return a piece as psycopg sends it: parameters are numbered in the order of their first use."""

    def number(match: re.Match[str]) -> str:
        return numbers.setdefault(match[1], f"${len(numbers) + 1}")

    if isinstance(piece, str):
        return _by_quotes(piece, lambda part: _PARAMETER.sub(number, part), str)
    if piece.sort is Sort.STATEMENT:
        return _by_quotes(piece.text, lambda part: _OF_KEYS.sub(number, part), str)
    return piece.text
