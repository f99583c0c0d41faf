"""Tell which statements of a migration do something of which the catalogs that we read show nothing."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.core.finding import Location
from sessionaudit.core.object_classes import IN_WORDS
from sessionaudit.core.place import line_and_column
from sessionaudit.sql.statements import UnsplitError, statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.audits.migrations.effects import MigrationReplay
    from sessionaudit.sql.statements import SqlStatement

_OF_ROWS = {"insert", "update", "delete", "merge", "copy", "truncate"}
# What may do anything, and is known by what it did, if that was seen.
_OF_CODE = {"do", "call", "select", "with", "values", "execute"}
_HARMLESS = {"set_config", "pg_notify"}
_MAKES = {"create", "alter"}
_BETWEEN = {"or", "replace", "default", "trusted", "procedural"}


class UnseenStatement(NamedTuple):
    """A statement: where it stands, its first words, and why nothing is known of what it did."""

    location: Location
    words: str
    why: str

    def __str__(self) -> str:
        return f"{self.location}: {self.words} …: {self.why}"


def unseen(replay: MigrationReplay) -> Iterator[UnseenStatement]:
    """Return those statements of a migration, but for those that are rejected."""
    migration = replay.migration
    if not migration.is_sql:
        return
    told = {effect.location for effect in replay.effects} | {failure.location for failure in replay.failures}
    refused = {failure.statement for failure in replay.failures}
    try:
        found = list(statements(migration.text))
    except UnsplitError:  # which is a failure of its own
        return
    for statement in found:
        location = Location(migration.file, *line_and_column(migration.text, statement.start))
        if statement.text not in refused and (why := _why(statement, seen=location in told)):
            words = takewhile(str.isidentifier, statement.words[:3])  # not what stands in quotes
            yield UnseenStatement(location, " ".join(words), why)


def _why(statement: SqlStatement, *, seen: bool) -> str:
    first, *others = statement.words
    if first in _OF_ROWS or (first == "with" and _OF_ROWS & {*others}):
        return "rows are not looked at"
    if first in _OF_CODE and not seen and not _HARMLESS & {*others}:
        return "what it did was not seen"
    if first in _MAKES:
        words = " ".join(word for word in others if word not in _BETWEEN)
        named = next((plural for name, plural in IN_WORDS.items() if f"{words} ".startswith(f"{name} ")), "")
        return f"{named} are not looked at" if named else ""
    return ""
