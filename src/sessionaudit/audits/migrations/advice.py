"""What to write instead of a statement that PostgreSQL refuses, in one sentence, for what goes wrong usually."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from sessionaudit.core import sqlstate
from sessionaudit.core.finding import Location
from sessionaudit.core.place import line_and_column
from sessionaudit.sql.text import unquote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sessionaudit.audits.migrations.model import Migration

_NOT_FOR = {"type", "policy", "trigger", "domain", "rule", "aggregate", "function", "role", "cast", "operator"}
_GUARDED = {
    "policy": "Write DROP POLICY IF EXISTS … before a plain CREATE POLICY.",
    "trigger": "Write CREATE OR REPLACE TRIGGER, or DROP TRIGGER IF EXISTS … before it.",
    "function": "Write CREATE OR REPLACE FUNCTION.",
}
_OF_A_TABLE = frozenset(("from", "table", "on", "update", "into", "view", "column"))
_IN_DO = "Look in pg_catalog inside a DO block, and create it only if it is not there."
_ONE_DOLLAR = re.compile(r"\b(?:as|do)\s+\$(?![\w$])", re.IGNORECASE)
_CRON = re.compile(r"\*/\d+")
_OWN_BEGIN = re.compile(
    r"(?:\A|;)\s*(?:--[^\n]*\n\s*)*(?P<begin>begin|start\s+transaction)\b(?:\s+(?:work|transaction)\b[^;]*)?\s*;",
    re.IGNORECASE,
)
_OF_PLATFORM = re.compile(r"\b(?:auth|storage|realtime|vault|graphql|graphql_public)\s*\.", re.IGNORECASE)
_NAME = r'(?:"(?:[^"]|"")+"|[\w$]+)(?:\s*\.\s*(?:"(?:[^"]|"")+"|[\w$]+))?'
_MISSING = re.compile(
    r'^(?:relation|type|schema|table|sequence|view|index|policy) "(?P<name>.+?)" does not exist'
    r"|^function (?P<function>[^(]+)\(.*\) does not exist",
    re.DOTALL,
)
_MISSING_COLUMN = re.compile(r'^column "(?P<column>.+?)" (?:of relation "(?P<table>.+?)" )?.*does not exist', re.DOTALL)
_THERE = re.compile(
    r'"(?P<name>.+?)"(?: for (?:relation|table) "(?P<on>.+)")? already exists',
    re.DOTALL,
)
_MADE = re.compile(
    rf"\bcreate\s+(?:or\s+replace\s+)?(?:(?:global|local|temp|temporary|unlogged|unique|materialized|foreign|recursive)\s+)*"
    rf"(?P<sort>table|view|type|domain|schema|sequence|function|procedure|index)\s+(?:concurrently\s+)?"
    rf"(?:if\s+not\s+exists\s+)?(?P<name>{_NAME})",
    re.IGNORECASE,
)
_ATTACHED = re.compile(
    rf"\bcreate\s+(?:or\s+replace\s+)?(?:constraint\s+)?(?:policy|trigger)\s+(?P<name>{_NAME})"
    rf"\s[^;]*?\bon\s+(?P<on>{_NAME})",
    re.IGNORECASE,
)
_ADDED = re.compile(
    rf"\balter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?(?P<table>{_NAME})[^;]*?"
    rf"\badd\s+(?:column\s+)?(?:if\s+not\s+exists\s+)?(?P<column>\"(?:[^\"]|\"\")+\"|[\w$]+)",
    re.IGNORECASE,
)


class FailedStatement(Struct, frozen=True, kw_only=True):
    """What is known of a statement that failed: where it stands in which migration, and what the server says."""

    state: str
    message: str
    statement: str
    words: tuple[str, ...]
    at: int  # of the message, in the text of the migration
    place: int  # of the migration, among all

    @property
    def verb(self) -> tuple[str, ...]:
        """The first two words."""
        return self.words[:2]


class Advice(NamedTuple):
    """What to write instead, and where that which is missing is made later."""

    text: str
    made_later: Location | None = None
    nowhere: bool = False
    follows: bool = False


class _Maker(NamedTuple):
    """A statement that makes something: the place of its migration, and where it begins and ends in that."""

    place: int
    start: int
    end: int


class Adviser:
    """Advises on failures, knowing all migrations in their order."""

    def __init__(self, migrations: Sequence[Migration]) -> None:
        self._migrations = migrations

    @cached_property
    def _makers(self) -> Mapping[str, Sequence[_Maker]]:
        """By the last part of a name, the statements that make something of it, in their order."""
        found: dict[str, list[_Maker]] = defaultdict(list)
        for place, migration in enumerate(self._migrations):
            for made in _MADE.finditer(migration.text):
                last = unquote(made["name"].rpartition(".")[2].strip())
                found[last].append(_Maker(place, made.start(), made.end()))
        return found

    @cached_property
    def _attachers(self) -> Mapping[tuple[str, str], Sequence[_Maker]]:
        """By its name and that of the table, the statements that make a policy, a trigger or a rule of a table."""
        found: dict[tuple[str, str], list[_Maker]] = defaultdict(list)
        for place, migration in enumerate(self._migrations):
            for made in _ATTACHED.finditer(migration.text):
                on = unquote(made["on"].rpartition(".")[2].strip())
                found[unquote(made["name"]), on].append(_Maker(place, made.start(), made.end()))
        return found

    @cached_property
    def _adders(self) -> Mapping[str, Sequence[_Maker]]:
        """The same of columns that are added."""
        found: dict[str, list[_Maker]] = defaultdict(list)
        for place, migration in enumerate(self._migrations):
            for added in _ADDED.finditer(migration.text):
                found[unquote(added["column"])].append(_Maker(place, added.start(), added.end()))
        return found

    def _location(self, maker: _Maker) -> Location:
        migration = self._migrations[maker.place]
        return Location(migration.file, *line_and_column(migration.text, maker.start))

    def advise(self, failed: FailedStatement) -> Advice:
        """Say what to write instead; an empty text where nothing usual is known."""
        if found := self._missing(failed):
            return found
        for judge in _JUDGES:
            if text := judge(failed, self._migrations[failed.place].text):
                return Advice(text)
        if failed.state in {sqlstate.DUPLICATE_TABLE, sqlstate.DUPLICATE_OBJECT, sqlstate.DUPLICATE_FUNCTION}:
            return self._duplicate(failed)
        return Advice(_BY_STATE.get(failed.state, ""))

    def _missing(self, failed: FailedStatement) -> Advice | None:
        if failed.state == sqlstate.UNDEFINED_COLUMN:
            return self._missing_column(failed)
        if failed.state not in {*sqlstate.UNDEFINED, sqlstate.INVALID_SCHEMA_NAME}:
            return None
        match = _MISSING.match(failed.message)
        if match is None:
            return None
        name = match["name"] or match["function"].strip()
        last = name.rpartition(".")[2]  # the server prints it as it is, without quotes
        makers = self._makers.get(last, ())
        here = (failed.place, failed.at)
        if later := next((one for one in makers if (one.place, one.start) >= here), None):
            location = self._location(later)
            text = (
                f"{name} is made only at {location}: move that statement before this one."
                if later.place == failed.place
                else f"{name} is made only later ({location}): give this file a later version, or that one an earlier."
            )
            return Advice(text, location)
        if makers:
            return Advice(
                f"An earlier statement makes {name}: it was not applied, or something has removed or renamed it since.",
                follows=True,
            )
        return Advice(
            f"No file of the folder makes {name}: add the file that makes it, such as a dump of the database as it was"
            " before the first migration.",
            nowhere=True,
        )

    def _missing_column(self, failed: FailedStatement) -> Advice | None:
        match = _MISSING_COLUMN.match(failed.message)
        if match is None:
            return None
        column = match["column"].rpartition(".")[2]
        here = (failed.place, failed.at)
        if later := next((one for one in self._adders.get(column, ()) if (one.place, one.start) >= here), None):
            location = self._location(later)
            return Advice(f"The column {column} is added only later, at {location}.", location)
        if not _OF_A_TABLE.intersection(word.lower() for word in re.findall(r"\w+", failed.statement)):
            return Advice("The statement names no table that could have it: a text stands in single quotes.")
        return Advice("The table was made without it: an older statement made the table, or another name is meant.")

    def _duplicate(self, failed: FailedStatement) -> Advice:
        match = _THERE.search(failed.message)
        last = match["name"] if match else ""
        here = (failed.place, failed.at)
        makers = self._attachers.get((last, match["on"]), ()) if match and match["on"] else self._makers.get(last, ())
        if before := next((one for one in makers if (one.place, one.end) < here), None):
            return Advice(
                f"It was made before, at {self._location(before)}: remove one of the two, or write ALTER for what"
                " differs."
            )
        return Advice("It was there before: remove the statement, or write ALTER for what differs.")


def _if_not_exists(failed: FailedStatement, _text: str) -> str:
    two = failed.words[3:] if failed.words[1:3] == ("or", "replace") else failed.words[1:]
    sort = two[0] if two else ""
    if failed.state != sqlstate.SYNTAX_ERROR or failed.words[:1] != ("create",) or sort not in _NOT_FOR:
        return ""
    if two[1:4] != ("if", "not", "exists"):
        return ""
    return f"CREATE {sort.upper()} has no IF NOT EXISTS in any version. {_GUARDED.get(sort, _IN_DO)}"


def _dollar(failed: FailedStatement, text: str) -> str:
    if failed.state != sqlstate.SYNTAX_ERROR:
        return ""
    if _ONE_DOLLAR.search(failed.statement or text[failed.at - 40 if failed.at > 40 else 0 :]):
        return "Two dollar signs quote a body: write $$ … $$, not $ … $."
    return ""


def _comment(failed: FailedStatement, text: str) -> str:
    if failed.state != sqlstate.SYNTAX_ERROR:
        return ""
    start = text.rfind("/*", 0, failed.at + 2)
    found = _CRON.search(text, start) if start >= 0 else None
    if found and found.start() <= failed.at + 2:
        line = line_and_column(text, found.start())[0]
        return (
            f"The comment ends in line {line}, where the schedule {found[0]} has the characters that end it: use -- for"
            " comments that contain a schedule."
        )
    return ""


def _unclosed(failed: FailedStatement, _text: str) -> str:
    if failed.state == sqlstate.SYNTAX_ERROR and failed.message.startswith("unterminated "):
        return "It begins here and has no end: the rest of the file belongs to it."
    return ""


def _concurrently(failed: FailedStatement, text: str) -> str:
    if failed.state != sqlstate.ACTIVE_SQL_TRANSACTION:
        return ""
    if own := _OWN_BEGIN.search(text, 0, failed.at):
        line = line_and_column(text, own.start("begin"))[0]
        return f"The file itself begins a transaction, in line {line}, in which this cannot run: leave that out."
    if "concurrently" in failed.words:
        return (
            "The file runs in one transaction, and CONCURRENTLY needs none: leave the word out, or have the"
            " tool run this statement alone in a file without a transaction."
        )
    return "The file runs in one transaction, in which this cannot run: have the tool run it without one."


def _in_check(failed: FailedStatement, _text: str) -> str:
    if failed.state != sqlstate.FEATURE_NOT_SUPPORTED:
        return ""
    if "subquery" in failed.message and "check" in failed.message:
        return "A check looks at one row only: use a foreign key, or a trigger that looks up the other table."
    if "used by a view" in failed.message or "type of a column" in failed.message:
        return (
            "Drop the view before and create it again after the change, in the same file; for a policy, a generated"
            " column or a trigger the same."
        )
    return ""


def _replaced(failed: FailedStatement, _text: str) -> str:
    if failed.state != sqlstate.INVALID_FUNCTION_DEFINITION:
        return ""
    if "change return type" in failed.message:
        return "CREATE OR REPLACE keeps the type of the result: write DROP FUNCTION before, with what depends on it."
    if "change name of input parameter" in failed.message or "remove parameter defaults" in failed.message:
        return "CREATE OR REPLACE keeps the names and the defaults of arguments: write DROP FUNCTION before."
    return ""


def _of_platform(failed: FailedStatement, _text: str) -> str:
    if failed.state != sqlstate.INSUFFICIENT_PRIVILEGE or not failed.message.startswith("must be owner of"):
        return ""
    if not _OF_PLATFORM.search(failed.statement):
        return ""
    return "It belongs to the platform, and the role that runs migrations may only use it: remove the statement."


_JUDGES: tuple[Callable[[FailedStatement, str], str], ...] = (
    *(_if_not_exists, _dollar, _comment, _unclosed, _concurrently),
    *(_in_check, _replaced, _of_platform),
)
_BY_STATE = {
    sqlstate.UNSAFE_NEW_ENUM_VALUE_USAGE: "A value that is added to an enum can be used only after the transaction that"
    " adds it: put ALTER TYPE … ADD VALUE into a file of its own, before this one.",
    sqlstate.DEPENDENT_OBJECTS_STILL_EXIST: "Others depend on it: drop these before, by name; CASCADE would drop them"
    " without saying which.",
    sqlstate.AMBIGUOUS_FUNCTION: "Several functions fit: name the types of the arguments, as in name(text, integer).",
    sqlstate.INSUFFICIENT_PRIVILEGE: "The role that runs migrations may not do that: a superuser has to, by hand.",
    sqlstate.UNIQUE_VIOLATION: "Rows that earlier statements wrote are in the way.",
    sqlstate.ADMIN_SHUTDOWN: "A migration has to end by itself, and must not end connections.",
    sqlstate.OUT_OF_MEMORY: "The statement takes more memory than a migration may.",
    sqlstate.CONFIGURATION_LIMIT_EXCEEDED: "The statement takes more of the disk than a migration may.",
    sqlstate.QUERY_CANCELED: "The statement takes longer than a migration may.",
    sqlstate.IN_FAILED_SQL_TRANSACTION: "An earlier statement of the same transaction failed.",
}
