"""A statement composed of our SQL and parts from outside, with their positions.

One rule holds for `%`, in files and constants of ours, in the contract and in the files that it names: it is one,
but for a parameter `%(name)s` that stands in no quotes and in no comment. What psycopg needs doubled is doubled here.

Whoever has a Query cannot send it: only `sessionaudit.outside` takes its text, and proves each part first.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

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
    """A statement for a call with parameters: every `%` in it is doubled, unless it is that of a `%(parameter)s`.

    What stands in quotes is a name or a text, and in a comment nothing, however it looks.
    """
    plain = re.compile(rf"%(?!\({parameter}\)s)")
    return sent(_by_quotes(text, lambda part: plain.sub("%%", part), doubled))


def constant(text: str) -> bytes:
    """The same for a constant, in which nothing is from outside, and no parameter in quotes or in a comment.

    To look for quotes in the catalogs' queries would take longer than the server takes to answer them.
    """
    return sent(_OURS.sub("%%", text))


def numbered(text: str) -> str:
    """A repair's statement as the server knows it, with `$1` for its keys."""
    return with_keys(text, "$1")


def with_keys(text: str, keys: str) -> str:
    """A repair's statement with an expression for its keys: its parameter is replaced, and every other `%` is one."""
    return _by_quotes(text, lambda part: part.replace(KEYS, keys), str)


def takes_keys(text: str) -> bool:
    """Whether a repair's statement has the parameter, and not only in a comment or in quotes."""
    return with_keys(text, "") != text


def _by_quotes(text: str, outside: Callable[[str], str], inside: Callable[[str], str]) -> str:
    """A text with something done to what the server reads, and something else to quoted names and texts, and comments.

    All that tells parameters from any other `%` goes by this one rule.
    """
    result, at = "", 0
    for start, end in _opaque(text):
        result += outside(text[at:start]) + inside(text[start:end])
        at = end
    return result + outside(text[at:])


def _opaque(text: str) -> list[tuple[int, int]]:
    """Where quoted names and texts, and comments, stand; nowhere, in what PostgreSQL's scanner refuses."""
    if "%" not in text:
        return []
    found: list[tuple[int, int]] = []
    at = 0
    try:
        for one in tokens(text):
            if at < one.start:  # blanks and comments, which are no tokens
                found.append((at, one.start))
            if one.sort in {"quoted", "string", "dollar"}:
                found.append((one.start, one.end))
            at = one.end
    except UnclosedError:
        return []
    return [*found, (at, len(text))]


class Sort(Enum):
    """What a part from outside is to PostgreSQL's grammar."""

    EXPRESSION = "an expression"
    QUERY = "a query"
    STATEMENT = "a statement"
    TYPE = "a type"
    INDEX = "the definition of an index"
    EXCLUSION = "the definition of an exclusion constraint"
    RULE = "what a rewrite rule does"
    BODY = "the body of a function"


class Part(NamedTuple):
    """SQL from outside: what it is, its text, and the file that holds it where that is not the contract."""

    sort: Sort
    text: str
    file: str = ""


class Query:
    """SQL that knows where in it the parts from outside stand."""

    def __init__(self, start: str = "") -> None:
        self._pieces: list[str | Part] = [start] if start else []

    def __add__(self, text: str) -> Query:
        if isinstance(text, Scalar):
            raise TypeError("SQL of a contract must be added with `fragment` or `query`")
        self._pieces.append(text)
        return self

    def fragment(self, text: Scalar) -> Query:
        """Add an expression, in parentheses; a line break keeps a comment at its end from going on."""
        return self._enclosed(Part(Sort.EXPRESSION, text))

    def query(self, text: Scalar) -> Query:
        """Add a query that only reads, in parentheses."""
        return self._enclosed(Part(Sort.QUERY, text))

    def statement(self, text: str, file: str) -> Query:
        """Add a statement over the parameter `keys` that may write, from a file of its own."""
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
        """All that is from outside, in its order."""
        return tuple(piece for piece in self._pieces if isinstance(piece, Part))

    def spelled(self, *, parameters: bool) -> bytes:
        """The text for psycopg. For `sessionaudit.outside` alone.

        In a call with parameters only what is ours has some, and a statement its `%(keys)s`; any other `%`, which a
        fragment may have, is one.
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
        """The part at a position of what the server was sent, which counts from 1, and the offset in the part."""
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
    """What PostgreSQL must be able to read before the part is set into anything: each in three pieces, the part second.

    These are never run, nor are the names in them looked for: of PREPARE and CREATE VIEW the server reads no more than
    the grammar before they are executed. An expression must be one in two kinds of brackets: no text that is valid in
    both closes the bracket that it stands in. A query must be SELECT, VALUES or TABLE, and a statement one that reads
    or changes rows: the grammar has place for no other there.
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
    if part.sort is Sort.RULE:
        return (("create rule r as on insert to t ", part.text, "\n"),)
    if part.sort is Sort.BODY:
        return (("create function f() returns integer language sql ", part.text, "\n"),)
    if part.sort is Sort.QUERY:
        return (("create view v as ", part.text, "\n"),)
    return (("prepare p as ", numbered(part.text), "\n"),)


def _numbered(piece: str | Part, numbers: dict[str, str]) -> str:
    """A piece as psycopg sends it: its parameters are numbered in the order in which they come first."""

    def number(match: re.Match[str]) -> str:
        return numbers.setdefault(match[1], f"${len(numbers) + 1}")

    if isinstance(piece, str):
        return _by_quotes(piece, lambda part: _PARAMETER.sub(number, part), str)
    if piece.sort is Sort.STATEMENT:
        return _by_quotes(piece.text, lambda part: _OF_KEYS.sub(number, part), str)
    return piece.text
