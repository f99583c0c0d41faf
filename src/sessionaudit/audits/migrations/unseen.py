"""Tell which statements of a migration do something of which the catalogs that we read show nothing."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.audits.migrations.stated import located_statements, names_of
from sessionaudit.core.object_classes import IN_WORDS
from sessionaudit.sql.text import tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.audits.migrations.effects import MigrationReplay
    from sessionaudit.audits.migrations.model import Migration
    from sessionaudit.core.finding import Location
    from sessionaudit.sql.statements import SqlStatement

_OF_ROWS = {"insert", "update", "delete", "merge", "copy", "truncate"}
# What may do anything, and is known by what it did, if that was seen.
_OF_CODE = {"do", "call", "select", "with", "values", "execute"}
_HARMLESS = {"set_config", "pg_notify"}
_MAKES = {"create", "alter", "drop"}
_BETWEEN = {"or", "replace", "default", "trusted", "procedural"}
# What is known by its effects, has none behind the session, or only tidies up.
_KNOWN = frozenset(
    "create drop comment grant revoke import set reset show begin start commit end rollback abort savepoint release "
    "lock listen unlisten notify discard prepare deallocate explain analyze vacuum reindex checkpoint load declare "
    "fetch move close table".split()
)
_ROWS_IN_CODE = re.compile(
    r"\b(?:insert\s+into|delete\s+from|merge\s+into|truncate|copy|setval|update\s+(?:only\s+)?[\w.\"$]+\s+(?:as\s+)?"
    r"(?:\w+\s+)?set)\b",
    re.IGNORECASE,
)
_GUARD = re.compile(r"\A[^;'(]*?\bif\s+not\s+exists\b", re.IGNORECASE)
# What an ALTER changes where no kind of ours looks, beside what else it may change.
_ASIDE = (
    ("set", "statistics"),
    ("set", "storage"),
    ("set", "compression"),
    ("cluster", "on"),
    ("set", "without", "cluster"),
    ("trigger", "all"),
    ("trigger", "user"),
    ("restart",),
)
_ALIASES = {"user": "role", "group": "role"}
_NOT_SEEN = "what it did was not seen"
_MORE = "what else it did was not seen"
_CALLS = re.compile(r"\b(?:perform|call|execute)\b(?!\s+(?:function|procedure)\b)", re.IGNORECASE)
_ROWS = "rows are not looked at"


class UnseenStatement(NamedTuple):
    """A statement: where it stands, its first words, and why nothing is known of what it did."""

    location: Location
    words: str
    why: str

    def __str__(self) -> str:
        return f"{self.location}: {self.words} …: {self.why}"


def unseen(replay: MigrationReplay) -> Iterator[UnseenStatement]:
    """Return those statements of a migration, but for those that are rejected."""
    if not replay.migration.is_sql:
        return
    told = {effect.location for effect in replay.effects} | {failure.location for failure in replay.failures}
    told |= {met.location for met in replay.met_existing}
    refused = {failure.statement for failure in replay.failures}
    touched = {part for effect in replay.effects for part in effect.ref.path[1:]}
    touched |= {part.partition("(")[0] for part in touched}
    for location, statement in located_statements(replay.migration):
        if statement.text in refused:
            continue
        if why := _why(statement, seen=location in told, touched=touched):
            words = takewhile(str.isidentifier, statement.words[:3])  # not what stands in quotes
            yield UnseenStatement(location, " ".join(words), why)


def of_code(migration: Migration) -> Iterator[UnseenStatement]:
    """Return the statements of a migration that run code, which may change rows whatever else was seen of it."""
    for location, statement in located_statements(migration):
        if statement.words[0] in _OF_CODE and not _HARMLESS & {*statement.words[1:]}:
            yield UnseenStatement(location, statement.words[0], _ROWS)


def only_unseen(replay: MigrationReplay) -> UnseenStatement | None:
    """Return a statement that makes, changes or drops something, where of the whole migration nothing was seen."""
    if replay.effects or replay.met_existing or replay.failures or replay.rolled_back:
        return None
    return next((one for one in unseen(replay) if one.words.partition(" ")[0] in _MAKES), None)


def _why(statement: SqlStatement, *, seen: bool, touched: set[str]) -> str:
    first, *others = statement.words
    if first in _OF_ROWS or _changes_rows(statement):
        return _ROWS
    if first in _OF_CODE:
        if _HARMLESS & {*others}:
            return ""
        # What it calls may do more than what was seen, such as to change rows.
        calls = first != "do" or _CALLS.search(statement.text) is not None
        return _NOT_SEEN if not seen else _MORE if calls else ""
    if first in _MAKES:
        kept = [word for word in others if word not in _BETWEEN]
        if kept[1:2] != ["mapping"]:
            kept[:1] = [_ALIASES.get(word, word) for word in kept[:1]]
        words = f"{' '.join(kept)} "
        named = next((plural for name, plural in IN_WORDS.items() if words.startswith(f"{name} ")), "")
        if named and not (seen and words.startswith("operator class ")):
            return f"{named} are not looked at"
    if first == "alter":
        return _altered(names_of(statement), seen=seen, touched=touched)
    if first == "create" and _GUARD.search(statement.text) and not {"temp", "temporary"} & {*others[:3]}:
        return "" if seen else "whether it met another object is not known"
    return "" if seen or first in _KNOWN else _NOT_SEEN


def _altered(names: list[str], *, seen: bool, touched: set[str]) -> str:
    """Why of an ALTER something is not seen; of what its file makes, too, the effect is told where it is made."""
    for aside in _ASIDE:
        if any(tuple(names[at : at + len(aside)]) == aside for at in range(2, len(names))):
            return f"{' '.join(aside)} is not looked at"
    return "" if seen or touched & {*names} or "exists" in names else _NOT_SEEN


def _changes_rows(statement: SqlStatement) -> bool:
    """Whether code in a statement changes rows, or it makes a table that has some."""
    first = statement.words[0]
    if first in {"do", "with", "explain", "select", "call"} and _ROWS_IN_CODE.search(statement.text):
        return first != "explain" or "analyze" in statement.words
    words = _outside_parentheses(statement.text)
    if {"temp", "temporary"} & {*words} or words[-3:] == ["with", "no", "data"]:
        return False
    if first in {"select", "with"}:
        return "into" in words
    return first == "create" and "table" in words[1:4] and "as" in words


def _outside_parentheses(text: str) -> list[str]:
    found: list[str] = []
    depth = 0
    for token in tokens(text):
        depth += (token.text == "(") - (token.text == ")")
        if not depth and token.sort == "word":
            found.append(token.text.lower())
    return found
