"""Where the statements of a migration stand, and where one takes back what stands before it."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from sessionaudit.core.finding import Location
from sessionaudit.core.place import line_starts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.audits.migrations.model import Migration
    from sessionaudit.sql.statements import SqlStatement

_CHANGES_NOTHING = {"begin", "start", "set", "reset", "show", "select", "savepoint", "release", "explain", "values"}


class StatementPlaces:
    """Where the statements of a migration stand."""

    def __init__(self, migration: Migration, found: Sequence[SqlStatement]) -> None:
        self._file, self._starts = migration.file, line_starts(migration.text)
        self._found = found

    def location(self, number: int) -> Location:
        """Return the place of the first word of a statement."""
        start = self._found[number].start
        line = bisect_right(self._starts, start)
        return Location(self._file, line, start - self._starts[line - 1] + 1)


def rolled_back(at: StatementPlaces, found: Sequence[SqlStatement]) -> Location | None:
    """Return where a file takes back statements that stand before: not where it only goes back to a savepoint."""
    pending = False
    for number, statement in enumerate(found):
        first = statement.words[0]
        if first in {"rollback", "abort"} and not {"to", "prepared"}.intersection(statement.words):
            if pending:
                return at.location(number)
        elif first in {"commit", "end"}:
            pending = False
        elif not statement.ends_transaction and first not in _CHANGES_NOTHING:
            pending = True
    return None
