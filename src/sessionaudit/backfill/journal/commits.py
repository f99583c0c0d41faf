"""Find which batches of a journal were committed, and which have been undone since."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from sessionaudit.audits.data.keys import keyed
from sessionaudit.audits.data.transaction import transaction
from sessionaudit.backfill.journal.reading import batches, deletes, heads, marks
from sessionaudit.backfill.row_changes import Did
from sessionaudit.core import sqlstate
from sessionaudit.core.query import spelled
from sessionaudit.errors import UsageError
from sessionaudit.postgres.connection import broken as broken_connection
from sessionaudit.sql.text import identifier

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from sessionaudit.backfill.journal.reading import JournalBatch, Marks, Taking
    from sessionaudit.backfill.journal.writing import Journal
    from sessionaudit.backfill.row_changes import RowChange
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.postgres.connection import Connection

_TIMEOUT = 120.0


def settle(connection: Connection, path: Path, journal: Journal | None = None) -> tuple[Marks, int]:
    """Find whether the batches in doubt were committed. Return the state of all, and the number of written rows.

    The answers are written into the `journal`. The marks include damaged lines of batches, unless their transactions
    are known not to have been committed. Raises DatabaseError if a transaction is still in progress.
    """
    try:
        return _settled(connection, path, journal)
    except psycopg.Error as error:
        raise broken_connection(error, "checking which batches of the journal were committed") from None


def _settled(connection: Connection, path: Path, journal: Journal | None) -> tuple[Marks, int]:
    told = marks(path)
    number = 0
    for entry in batches(path, damaged=told.damaged):
        if entry.number not in told.closed | told.lost:
            if _committed(connection, entry):
                told.closed.add(entry.number)
                if journal is not None:
                    journal.close_batch(entry.number)
            else:
                told.lost.add(entry.number)
                if journal is not None:
                    journal.lost(entry.number)
        if entry.number not in told.lost:
            number += sum(one.did is Did.INSERTED for one in entry.made)
    ends = [(one, _end_of_damaged(connection, one.transaction)) for one in told.damaged]
    # A line is completely on disk before its commit: that of a committed batch was cut afterwards.
    told.damaged = [
        one._replace(cut=end != "committed" and (one.cut or one.line in told.cut))
        for one, end in ends
        if end != "aborted"
    ]
    return told, number


def _committed(connection: Connection, entry: JournalBatch) -> bool:
    """Whether a batch's transaction was committed. PostgreSQL knows it for long; after that the rows show it."""
    status = _ended(connection, entry.transaction)
    if status == "in progress":
        raise UsageError(
            f"batch {entry.number} of the journal is being committed",
            hint="Wait until its transaction has ended, then run this again.",
        )
    if status is not None:
        return bool(status == "committed")
    # For other rows, undo compares the row version.
    return any(one.did is not Did.INSERTED for one in entry.made) or any(standing(connection, entry.made))


def valid(connection: Connection, path: Path, invariant: str) -> Iterator[JournalBatch]:
    """Return the committed batches of an invariant, with their rows that were not undone.

    The state of batches before this run is known; one of this run's may have failed at its commit.
    """
    told = marks(path)
    for entry in batches(path):
        if entry.invariant != invariant or entry.number in told.lost:
            continue
        if entry.number not in told.closed and not _committed(connection, entry):
            continue
        places = left(connection, told, entry)
        if places:
            yield entry._replace(made=tuple(entry.made[place] for place in places))


def left(connection: Connection, told: Marks, entry: JournalBatch) -> list[int]:
    """Return the positions of a batch's rows that were not undone."""
    for taking in reversed(told.undone.get(entry.number, ())):
        if _was_taken(connection, taking):
            return sorted(place for place in taking.refused if place < len(entry.made))
    return list(range(len(entry.made)))


def deletions(connection: Connection, path: Path) -> Iterator[RowChange]:
    """Return the rows that a run deleted, and that were not re-inserted by an undo.

    Batches of another server, such as a clone of this one, are left out if this one has not assigned their
    transactions.
    """
    told = marks(path)
    for entry in batches(path) if deletes(path) else ():
        try:
            if entry.number not in told.closed and _ended(connection, entry.transaction) != "committed":
                continue
            places = left(connection, told, entry)
        except UsageError:
            continue
        yield from (one for one in map(entry.made.__getitem__, places) if one.did is Did.DELETED)


def due(connection: Connection, path: Path) -> set[int]:
    """Return the numbers of the batches whose replaced rows are still to be retired."""
    if not any(head.retire for head in heads(path)):
        return set()
    told = marks(path)
    for transaction_, numbers in told.retiring.items():
        if numbers - told.retired and _ended(connection, transaction_) == "committed":
            told.retired |= numbers
    return {entry.number for entry in batches(path) if entry.retire} - told.retired


def _was_taken(connection: Connection, taking: Taking) -> bool:
    return taking.known or _ended(connection, taking.transaction) == "committed"


def _ended(connection: Connection, number: int) -> str | None:
    """Return the state of a transaction: committed, aborted, in progress; None if PostgreSQL does not know it."""
    try:
        return _status(connection, number)
    except LookupError:
        raise UsageError(
            f"transaction {number} of the journal is in this server's future: it is another server, or was restored "
            "from a backup",
            hint="Name the --database-url that the journal was written for.",
        ) from None


def _end_of_damaged(connection: Connection, number: int | None) -> str | None:
    """Return the state of a transaction whose number may be damaged; None if it is unknown."""
    try:
        return _status(connection, number)
    except LookupError:
        return None


def _status(connection: Connection, number: int | None) -> str | None:
    """Return the state of a transaction. Raises LookupError if the server has not yet assigned this number."""
    if number is None:
        return None
    try:
        asked = "select pg_catalog.pg_xact_status(%s::text::xid8)"
        with connection.transaction():  # a number that is not assigned is an error; the open transaction must go on
            row = connection.execute(asked, (str(number),)).fetchone()
    except psycopg.Error as error:
        if error.sqlstate != sqlstate.INVALID_PARAMETER_VALUE:
            raise broken_connection(error, "checking whether a transaction was committed") from None
        raise LookupError(number) from None
    return row[0] if row else None


def standing(connection: Connection, made: Iterable[RowChange]) -> list[str]:
    """Return the primary keys, as `made` spells them, of the inserted rows that exist. Raises psycopg.Error."""
    found: list[str] = []
    groups: dict[ObjectPath, list[str]] = {}
    for one in made:
        if one.did is Did.INSERTED:
            groups.setdefault(one.table, []).append(one.row)
    with transaction(connection, "public", timeout=_TIMEOUT):
        for path, rows in groups.items():
            table = keyed(connection, path)
            if table is not None:
                there = f"from {table.given()} join {identifier(*path)} as t on {table.matches('t')}"
                places = connection.execute(spelled(f"select w.n - 1 {there} order by 1"), {"rows": rows})
                found += [rows[place] for (place,) in places]
    return found
