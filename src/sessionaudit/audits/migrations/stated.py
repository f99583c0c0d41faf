"""What the statements of a file say in so many words: which objects they drop, and which roles they give rights."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionaudit.core.finding import Location
from sessionaudit.core.place import line_and_column
from sessionaudit.sql.statements import UnsplitError, statements
from sessionaudit.sql.text import tokens, unquote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.audits.migrations.effects import MigrationReplay
    from sessionaudit.audits.migrations.model import Migration
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.sql.statements import SqlStatement

_TAKES = {"drop", "revoke"}
_NAMES = {"word", "quoted"}
_NAME = r'(?:"(?:[^"]|"")+"|[^\s.,"]+)(?:\s\.\s(?:"(?:[^"]|"")+"|[^\s.,"]+))*'
_NAMED = re.compile(rf"(?:\A|,)\s*(?:only\s)?({_NAME})", re.IGNORECASE)
_CHANGED = re.compile(
    rf"\b(?:(?:insert\sinto|merge\sinto|delete\sfrom|update|copy)\s(?P<one>(?:only\s)?{_NAME})"
    rf"|truncate\s(?:table\s)?(?P<several>(?:only\s)?{_NAME}(?:\s,\s(?:only\s)?{_NAME})*))",
    re.IGNORECASE,
)


def located_statements(migration: Migration) -> Iterator[tuple[Location, SqlStatement]]:
    """The statements of a file, with their places, up to where it can no longer be cut."""
    try:
        for statement in statements(migration.text):
            yield Location(migration.file, *line_and_column(migration.text, statement.start)), statement
    except UnsplitError:  # which is a failure of its own
        return


def names_of(statement: SqlStatement) -> list[str]:
    """The words and names of a statement, each as the server folds it."""
    return [unquote(token.text) for token in tokens(statement.text) if token.sort in _NAMES]


def relations_changed(statement: SqlStatement) -> tuple[str, ...]:
    """The relations whose rows a statement changes, as it names them."""
    depth, said = 0, list[str]()
    for token in tokens(statement.text):
        depth += (token.text == "(") - (token.text == ")")
        if not depth and (token.sort in _NAMES or token.text in {".", ","}):
            said.append(token.text)
    match = _CHANGED.search(" ".join(said))
    return tuple(re.sub(r"\s", "", name) for name in _NAMED.findall(match["one"] or match["several"])) if match else ()


def drops(replay: MigrationReplay, ref: ObjectRef, location: Location) -> bool:
    """Whether a statement names an object, or one on the same relation that goes with it, to remove it."""
    statement = next((one for place, one in located_statements(replay.migration) if place == location), None)
    if statement is None:
        return False
    names = names_of(statement)
    first = names[0] if names else ""
    if first not in {*_TAKES, "comment"} and not (first == "alter" and _TAKES & {*names}):
        return False
    beside = (one.ref for one in replay.of("dropped") if one.location == location and one.ref.path[:2] == ref.path[:2])
    return any(last_name(one) in names for one in (ref, *beside))


def drops_by_name(migration: Migration, path: ObjectPath) -> bool:
    """Whether a statement of a file drops a relation, or the schema that it is in; another may have its name since."""
    if not any(name.lower() in migration.text.lower() for name in path):
        return False
    drops = [one for _, one in located_statements(migration) if one.words[0] == "drop"]
    return any(path[0 if one.words[1] == "schema" else -1] in names_of(one) for one in drops)


def last_name(ref: ObjectRef) -> str:
    """The name of an object without its schema and its argument types."""
    names = [part for part in ref.path if not part.startswith("(")]
    return names[-1].partition("(")[0] or names[-1] if names else ""


def rights_stated(migration: Migration, role: str) -> set[str]:
    """The words of the statements of a file that give a role rights; none where no statement does."""
    found: set[str] = set()
    for _, statement in located_statements(migration):
        names = names_of(statement)
        if "grant" in names and statement.words[0] in {"grant", "alter"} and role.lower() in map(str.lower, names):
            found |= {*names}
    return found


def commit_before(migration: Migration, place: Location) -> Location | None:
    """Where a file itself commits before a place."""
    ends = (
        at
        for at, statement in located_statements(migration)
        if statement.words[0] in {"commit", "end"} and (at.line, at.column) < (place.line, place.column)
    )
    return next(ends, None)
