"""Undo a backfill from its journal, only for rows that have not been changed since."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

import msgspec
import psycopg
from msgspec import Struct

from sessionaudit.audits.data.transaction import XIDS, said, transaction
from sessionaudit.backfill.journal.commits import left, settle
from sessionaudit.backfill.journal.reading import batches, head, offsets, opened
from sessionaudit.backfill.journal.row_versions import OtherJournals, Rewriting, rewritings
from sessionaudit.backfill.journal.writing import Journal, same
from sessionaudit.backfill.undo_batch import Restored, Restoring, Tally
from sessionaudit.core import sqlstate
from sessionaudit.core.changes import CHANGES
from sessionaudit.core.node import nearest
from sessionaudit.core.underway import UNDERWAY
from sessionaudit.errors import UsageError
from sessionaudit.postgres.connection import broken as broken_connection
from sessionaudit.postgres.identity import identity
from sessionaudit.postgres.lock_timeouts import UNDO_BATCH
from sessionaudit.postgres.retry import Retry, retried

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
    from pathlib import Path

    from sessionaudit.backfill.journal.reading import Damage, JournalBatch, Marks
    from sessionaudit.backfill.row_changes import Did
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.postgres.connection import Connection

TIMEOUT = 120.0
_PATIENCE = 10.0
_PAUSE = 0.15
# Values that do not fit, constraints, privileges and rules of the tables, and errors raised by triggers.
_OF_THE_ROWS = (
    sqlstate.DATA_EXCEPTION,
    sqlstate.INTEGRITY_CONSTRAINT_VIOLATION,
    sqlstate.TRIGGERED_DATA_CHANGE_VIOLATION,
    sqlstate.SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION,
    sqlstate.WITH_CHECK_OPTION_VIOLATION,
    sqlstate.PLPGSQL_ERROR,
    sqlstate.UNSUPPORTED,
    sqlstate.OBJECT_NOT_IN_PREREQUISITE_STATE,
)
_SHOWN = 20
_CHANGED = "has been changed since"


class Undone(Struct):
    """What was undone, by table; some of the refused rows, with reasons; and damaged lines of the journal.

    `later` are the journals of other runs that changed refused rows since; `unexplained` says that it is unknown who
    changed some.
    """

    tables: dict[ObjectPath, Tally] = msgspec.field(default_factory=dict["ObjectPath", Tally])
    refusals: list[str] = msgspec.field(default_factory=list[str])
    damaged: list[Damage] = msgspec.field(default_factory=list["Damage"])
    later: list[Path] = msgspec.field(default_factory=list["Path"])
    unexplained: bool = False

    @property
    def total(self) -> Tally:
        """The tally of all tables."""
        total = Tally()
        for tally in self.tables.values():
            total.add(tally)
        return total

    @property
    def whole(self) -> bool:
        """Whether everything was undone."""
        return not self.total.refused and all(one.cut for one in self.damaged)

    def add(self, came: Restored) -> None:
        """Add the result of a batch."""
        for table, tally in came.tables.items():
            self.tables.setdefault(table, Tally()).add(tally)
        for reason in dict.fromkeys(came.refused.values()):
            if len(self.refusals) < _SHOWN:
                self.refusals.append(reason)


@contextmanager
def undoing(
    connection: Connection,
    path: Path,
    *,
    run: str,
    invariant: str | None = None,
    others: Sequence[Path] = (),
    dry: bool = False,
) -> Generator[Undo]:
    """Open a journal to undo all of it, or one invariant's part; it is locked against other processes.

    `others` are journals of later runs, besides those in the same directory and in the user's state directory. With
    `dry` nothing is written, not even into the journal. Raises UsageError if a file is not a journal, or is one of
    another database, and DatabaseError if the server fails.
    """
    told_first = head(path)
    if invariant is not None:
        known = {*_listed(told_first.get("invariants")), *(entry.invariant for entry in batches(path))}
        if invariant not in known:
            raise UsageError(f"{path} has no rows of the invariant {invariant}", hint=nearest(invariant, known))
    schema = str(told_first.get("schema") or "public")
    about = identity(connection)
    journals = OtherJournals(path, about, others)
    journals.require_named()
    with _shared(path, about) if dry else _writing(path, run, about) as journal:
        told, _ = settle(connection, path, journal)
        yield Undo(connection, path, schema, told, journal, journals, invariant)


def _listed(told: object) -> list[str]:
    names = cast("list[object]", told) if isinstance(told, list) else []
    return [name for name in names if isinstance(name, str)]


@contextmanager
def _writing(path: Path, run: str, about: dict[str, Any]) -> Generator[Journal]:
    journal = Journal.open(path, run=run, about=about)
    try:
        yield journal
    finally:
        journal.close()


@contextmanager
def _shared(path: Path, about: dict[str, Any]) -> Generator[None]:
    same(path, head(path), about)
    file = opened(path)
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise UsageError(f"another run is writing the journal {path}", hint="Wait until it has ended.") from None
    finally:
        os.close(file)


@dataclass(slots=True)
class Undo:
    """Undoes the changes that a journal records. Without a `journal` to write to, it only rehearses."""

    connection: Connection
    path: Path
    schema: str
    told: Marks
    journal: Journal | None
    others: OtherJournals
    invariant: str | None
    timeout: float = TIMEOUT
    tell: Callable[[Undone], None] = lambda _: None
    _offsets: dict[int, int] = field(init=False)
    _wrote: dict[int, list[Rewriting]] = field(init=False)  # by the row versions
    _writing: dict[int, Rewriting] = field(default_factory=dict[int, Rewriting])  # of the batch being undone
    _later: dict[Path, None] = field(default_factory=dict["Path", None])
    _unexplained: bool = False

    def __post_init__(self) -> None:
        self._offsets = offsets(self.path)
        self._wrote = rewritings(self.path, self.told)

    def due(self) -> dict[ObjectPath, dict[Did, int]]:
        """Count the rows to undo, by table and by what was done to them. Raises DatabaseError."""
        counts: dict[ObjectPath, dict[Did, int]] = {}
        for entry, places in self._entries(last_first=False):
            for one in {(entry.made[place].table, entry.made[place].did, entry.made[place].row) for place in places}:
                table = counts.setdefault(one[0], {})
                table[one[1]] = table.get(one[1], 0) + 1
        return counts

    def run(self) -> Undone:
        """Undo all batches, the last one first, each in one transaction.

        A row that a batch created is deleted, one that it changed is restored, one that it deleted is re-inserted: only
        if the row is still as the batch left it, which its version shows, and if no other row references a row to
        delete. Other rows are refused, and also those that constraints reject. The undo is recorded in the journal, so
        that a second call undoes nothing twice. Raises DatabaseError if the server fails, JournalError if the journal
        cannot be written.
        """
        result = Undone(damaged=list(self.told.damaged))
        try:
            if self.journal is None:
                # One transaction, because the result of an earlier batch depends on the later ones.
                with self._transaction():
                    self._run(result)
            else:
                self._run(result)
        except psycopg.Error as error:
            raise broken_connection(error, "undoing rows") from None
        result.later, result.unexplained = self.others.last_first(self._later), self._unexplained
        done = self.invariant is None and not result.total.refused
        if self.journal is not None and (self.told.ended or done):
            self.journal.ended()
        return result

    def _run(self, result: Undone) -> None:
        # Of a part, or of what was undone before, nobody has counted the batches.
        whole = self.invariant is None and not self.told.undone
        with UNDERWAY.doing("undoing batches", len(self._offsets) if whole else None) as activity:
            for entry, places in activity.over(self._entries(last_first=True)):
                result.add(self._patiently(entry, places))
                self.tell(result)

    def _entries(self, *, last_first: bool) -> Iterator[tuple[JournalBatch, list[int]]]:
        for entry in batches(self.path, last_first=last_first):
            if entry.number in self.told.lost or self.invariant not in {None, entry.invariant}:
                continue
            if places := left(self.connection, self.told, entry):
                yield entry, places

    def _patiently(self, entry: JournalBatch, places: Sequence[int]) -> Restored:
        """Undo a batch; wait for sessions that have locked its rows."""
        retry = Retry(pause=_PAUSE, seconds=_PATIENCE)
        culprits: dict[int, str] = {}
        while True:
            try:
                return self._batch(entry, places, culprits)
            except psycopg.Error as error:
                if retried(error):
                    if not retry.again():
                        return _whole(entry, places, f"another session has locked its rows: {said(error)}")
                elif not _is_of_the_rows(error):
                    raise
                elif culprits:
                    return _whole(entry, places, said(error))
                else:
                    culprits = self._culprits(entry, places) or _refused(entry, places, said(error))

    def _batch(self, entry: JournalBatch, places: Sequence[int], culprits: dict[int, str]) -> Restored:
        with self._room():
            number = self._number()
            restoring = self._restoring(entry, places, number % XIDS)
            came = restoring.take_back(place for place in places if place not in culprits)
            for place, reason in culprits.items():
                came.of(entry.made[place].table).refused += 1
                came.refused[place] = reason
            if len(came.refused) < len(places):
                self._commit(entry, places, number, came)
        return came

    def _commit(self, entry: JournalBatch, places: Sequence[int], number: int, came: Restored) -> None:
        """Commit the undo of a batch, recorded in the journal; in a rehearsal, only note what it wrote."""
        if self.journal is not None:
            tried = None if len(places) == len(entry.made) else places
            versions = self._writing.keys() - {number % XIDS}
            self.journal.undone(entry.number, number, came.refused, tried=tried, versions=versions)
            with CHANGES.committing(sum(tally.changed for tally in came.tables.values())):
                self.connection.execute("commit")
            self.journal.taken(entry.number, number)
        refused = frozenset(came.refused)
        for version, one in self._writing.items():
            self._wrote.setdefault(version, []).append(one._replace(refused=refused))

    def _culprits(self, entry: JournalBatch, places: Sequence[int]) -> dict[int, str]:
        """Find by bisection the positions of a batch that constraints or triggers reject, with the messages."""
        found: dict[int, str] = {}
        todo = [list(places)]
        with self._room():
            while todo:
                part = todo.pop()
                self.connection.execute("savepoint part")
                try:
                    self._restoring(entry, part, self._number() % XIDS).take_back(part)
                except psycopg.Error as error:
                    if not _is_of_the_rows(error):
                        raise
                    if len(part) == 1:
                        found |= _refused(entry, part, said(error))
                    else:
                        todo += [part[: len(part) // 2], part[len(part) // 2 :]]
                self.connection.execute("rollback to savepoint part")
        return found

    def _restoring(self, entry: JournalBatch, places: Sequence[int], version: int) -> Restoring:
        undoing = Rewriting(self.path, self._offsets[entry.number], frozenset(places), frozenset())
        self._writing = {version: undoing}

        def changed(table: ObjectPath, row: str, version: int | None) -> str:
            return self._deleted(entry, table, row) if version is None else self._changed(entry, table, row, version)

        def wrote(version: int) -> None:
            self._writing[version] = undoing

        return Restoring(self.connection, entry, changed, wrote)

    def _changed(self, entry: JournalBatch, table: ObjectPath, row: str, version: int) -> str:
        """Return why a row is not as a batch left it; "" if it is, or is as a later batch found it that was undone."""
        version = self._first(table, row, version, entry.transaction % XIDS)
        if version == entry.transaction % XIDS:
            return ""
        later = self.others.run(version)
        if later is None:
            self._unexplained = True
            return _CHANGED
        self._later[later] = None
        return f"{_CHANGED} by the run of {later}: undo that first"

    def _deleted(self, entry: JournalBatch, table: ObjectPath, row: str) -> str:
        """Return by which other run a row was deleted as a batch had left it; "" if none is known."""
        later, version = self.others.deletion(self.connection, table, row) or (None, 0)
        if later is None or self._first(table, row, version, entry.transaction % XIDS) != entry.transaction % XIDS:
            return ""
        self._later[later] = None
        return f"has been deleted since by the run of {later}: undo that first"

    def _first(self, table: ObjectPath, row: str, version: int, wanted: int) -> int:
        """Return the version of a row that an undo restored, or that this was restored from, and so on."""
        seen: set[int] = set()
        while version != wanted and version not in seen:
            seen.add(version)
            now = (self._writing[version],) if version in self._writing else ()
            undos = chain(now, self._wrote.get(version, ()), self.others.undos(version))
            before = next((one for undo in undos if (one := undo.before(table, row)) is not None), None)
            if before is None:  # no undo that is known, or the journal does not record the version
                break
            version = before
        return version

    @contextmanager
    def _transaction(self) -> Generator[None]:
        with transaction(self.connection, self.schema, timeout=self.timeout, lock_timeout=UNDO_BATCH, write=True):
            yield

    @contextmanager
    def _room(self) -> Generator[None]:
        """Open a transaction for a batch, rolled back unless the block commits; in a rehearsal, a savepoint."""
        if self.journal is not None:
            with self._transaction():
                yield
            return
        self.connection.execute("savepoint batch")
        try:
            yield
        except psycopg.Error:
            self.connection.execute("rollback to savepoint batch")
            raise
        self.connection.execute("release savepoint batch")

    def _number(self) -> int:
        row = self.connection.execute("select pg_catalog.pg_current_xact_id()::text::bigint").fetchone()
        return row[0] if row else 0


def _is_of_the_rows(error: psycopg.Error) -> bool:
    return (error.sqlstate or "").startswith(_OF_THE_ROWS)


def _refused(entry: JournalBatch, places: Iterable[int], reason: str) -> dict[int, str]:
    return {place: f"{'.'.join(entry.made[place].table)} {entry.made[place].row}: {reason}" for place in places}


def _whole(entry: JournalBatch, places: Sequence[int], reason: str) -> Restored:
    """Return the result of a batch that was refused as a whole."""
    came = Restored()
    for place in places:
        came.of(entry.made[place].table).refused += 1
        came.refused[place] = f"all of batch {entry.number}: {reason}"
    return came
