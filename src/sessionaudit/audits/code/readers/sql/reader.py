"""Read a file of SQL: the queries of an application, as of sqlc, pgTyped or aiosql, and nothing that defines."""

from __future__ import annotations

import re
from bisect import bisect_right
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from sessionaudit.audits.code.model import CodeFile, CodeStatement, Dynamic, Fate, Span, Suppression, Unread
from sessionaudit.audits.code.readers.comments import suppression
from sessionaudit.audits.code.readers.interface import CodeReader
from sessionaudit.audits.code.readers.placeholders import Style, numbered, places
from sessionaudit.sql.statements import UnsplitError, statements

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.audits.code.readers.interface import Project
    from sessionaudit.sql.statements import SqlStatement

_LEFT_OUT = frozenset(("migrations", "migration", "migrate", "seeds", "seed"))
_SEED = re.compile(r"(?:seeds?|dump)(?:[._-].*)?\Z", re.IGNORECASE)
_JUDGED = frozenset(("select", "insert", "update", "delete", "merge", "values", "with", "call"))
_MAKES = frozenset(("create", "alter", "drop"))
_STYLES = Style.COLON | Style.AT | Style.SQLC | Style.MARK
# Lines of psql that change nothing of what follows; and what it has for a semicolon.
_OF_PSQL = re.compile(
    r"^\\(?:set|unset|q?echo|warn|timing|pset|prompt|x|a|t|o|out|errverbose)\b[^\n]*|(?P<ends>\\g\w*[^\n]*)",
    re.MULTILINE,
)
_NAMED = re.compile(
    r"--[^\n]*\n|/\*.*?\*/|'(?:[^']|'')*'|(?P<name>\"(?:[^\"]|\"\")+\"|[a-z_]\w*)", re.IGNORECASE | re.DOTALL
)
# Parts that a tool replaces by names or lists of values: Jinja's and a shell's, psql's :"name", and sqlc's.
_COMPOSED = re.compile(
    r"\{\{|\{%|\$\{|(?<!:):\"|\bsqlc\.(?:embed|slice)\b|/\*SLICE:|"
    # Where no parameter may stand, a tool puts a name or a query.
    r"\b(?:as\s*\(|join\s|into\s|update\s)\s*(?:%\(\w+\)s|%s|:\w+|@\w+)",
    re.IGNORECASE,
)
_BRACES = re.compile(r"--[^\n]*|'(?:[^']|'')*'|(?P<braces>\{\w*\})")  # of Python's str.format
_FORMAT = re.compile(r"%\(\w+\)s|[=(,]\s*%s\b")  # of psycopg, which runs files, too
_SPREAD = re.compile(r"@param\s+(?P<name>\w+)\s*->")  # pgTyped's lists of rows
_COMMENT = re.compile(r"--[ \t]*sessionaudit:[^\n]*|/\*[ \t]*sessionaudit:.*?\*/", re.DOTALL)


def read(path: Path, shown: str, text: bytes, _project: Project) -> CodeFile:
    """Return the statements of a file; of none that belongs to migrations, or fills a database."""
    if _LEFT_OUT & {part.lower() for part in PurePosixPath(shown).parts[:-1]} or _SEED.match(path.stem):
        return CodeFile(path=shown)
    return _File(shown, text.decode("utf-8-sig", "replace").replace("\r\n", "\n")).read()


class _File:
    def __init__(self, shown: str, source: str) -> None:
        self._shown, self._source = shown, source
        self._made: set[str] = set()
        self._moved = False
        self._lines = [0, *(match.end() for match in re.finditer("\n", source))]

    def read(self) -> CodeFile:
        found: list[CodeStatement] = []
        unread: list[Unread] = []
        try:
            for one in statements(_OF_PSQL.sub(_blanked, self._source)):
                if one.data is not None and (self._moved or self._made):
                    return CodeFile(path=self._shown)  # a dump
                self._statement(one, found, unread)
        except UnsplitError as error:
            at = self._span(error.start, error.start + 1)
            unread.append(Unread(at, Dynamic.SYNTAX, "the rest of the file"))
        return CodeFile(
            path=self._shown,
            statements=tuple(found),
            unread=tuple(unread),
            suppressions=tuple(self._suppressions()),
        )

    def _statement(self, one: SqlStatement, found: list[CodeStatement], unread: list[Unread]) -> None:
        first = one.words[0]
        if first in _MAKES:
            self._made |= _names(one.text)
        elif first == "set" and "search_path" in one.words[:3]:
            self._moved = True
        if first == "select" and one.words[1:3] == ("pg_catalog", ".") and "set_config" in one.words:
            self._moved = True
        elif first in _JUDGED:
            at = self._span(one.start, one.start + len(one.text))
            why = self._why_not(one)
            if why is not None:
                unread.append(Unread(at, why, "a statement of SQL"))
                return
            whole = numbered(one.text, _STYLES | (Style.FORMAT if _FORMAT.search(one.text) else Style(0)))
            found.append(CodeStatement(at=at, text=whole.text, places=places(whole, one.text, at), fate=Fate.UNKNOWN))

    def _why_not(self, one: SqlStatement) -> Dynamic | None:
        if _COMPOSED.search(one.text) or any(found["braces"] for found in _BRACES.finditer(one.text)):
            return Dynamic.EXPRESSION
        before = self._source[self._source.rfind(";", 0, one.start) + 1 : one.start]
        if any(re.search(rf":{lists['name']}\b", one.text) for lists in _SPREAD.finditer(before)):
            return Dynamic.SPREAD
        if self._moved or self._made & _names(one.text):
            return Dynamic.BEFORE
        return None

    def _suppressions(self) -> list[Suppression]:
        found = [
            suppression(one[0], self._span(*one.span()), alone=self._begins_line(one.start()))
            for one in _COMMENT.finditer(self._source)
        ]
        return [one for one in found if one is not None]

    def _begins_line(self, offset: int) -> bool:
        return not self._source[self._source.rfind("\n", 0, offset) + 1 : offset].strip()

    def _span(self, start: int, end: int) -> Span:
        return Span(self._shown, *self._point(start), *self._point(end))

    def _point(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1


def _blanked(match: re.Match[str]) -> str:
    """Return what stands in the place of a line of psql, so that all else stays where it is."""
    return (";" if match["ends"] else "").ljust(len(match[0]))


_WORDS = frozenset(
    "create or replace table view function procedure returns as select from where insert into values update set delete "
    "if not exists null default primary key references on unique index using public alter add column drop constraint "
    "text integer int bigint boolean uuid timestamptz timestamp with time zone date numeric jsonb json varchar check "
    "foreign type enum materialized temp temporary and in is language begin end return sql plpgsql id name now trigger "
    "for each row execute before after policy to enable level security cascade only owner schema extension".split()
)


def _names(text: str) -> set[str]:
    """Return the names in a statement that is made, or that one is about, without the words of SQL."""
    found = {one["name"].strip('"').lower() for one in _NAMED.finditer(text) if one["name"]}
    return found - _WORDS


READER = CodeReader(name="sql", suffixes=frozenset((".sql",)), marks=(b"",), read=read)
