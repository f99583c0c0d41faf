"""End a run over all rows: delete rows that others have created too, and retire superseded rows.

Both use the journal, so that a run that resumes it after a kill also completes the first run's rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psycopg

from sessionaudit.audits.data import index_probe, queries
from sessionaudit.audits.data.keys import matching, texts
from sessionaudit.audits.data.transaction import XIDS, transaction
from sessionaudit.backfill.batch import set_batch
from sessionaudit.backfill.competing_writers import PATIENCE, Writers
from sessionaudit.backfill.journal.commits import due, standing, valid
from sessionaudit.backfill.journal.reading import heads, marks
from sessionaudit.backfill.own_duplicates import take_back
from sessionaudit.backfill.row_changes import Batch, Did
from sessionaudit.backfill.statement import BoundError, run
from sessionaudit.backfill.verification import crowded, judge
from sessionaudit.core.changes import CHANGES
from sessionaudit.core.ref import dotted
from sessionaudit.postgres import contract_sql
from sessionaudit.postgres.connection import broken as broken_connection
from sessionaudit.postgres.lock_timeouts import BACKFILL_BATCH
from sessionaudit.postgres.retry import Retry, retried

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterable, Sequence

    from sessionaudit.backfill.journal.reading import JournalBatch
    from sessionaudit.backfill.journal.writing import Journal
    from sessionaudit.backfill.row_changes import RowChange
    from sessionaudit.backfill.row_repair import Repair
    from sessionaudit.postgres.connection import Connection

_TRIES = 5
_PAUSE = 0.1
_UNLIMITED = 0.0
_TIMEOUT = 120.0
_FAR = 2**31 - 1  # beyond this distance PostgreSQL cannot compare the ages of two transactions
_MANY = 20_000
_NOW = "select pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())::text::bigint"


@dataclass(slots=True)
class Ending:
    """The end of a run over the rows of one invariant; `batch` is the name of the run in the rows.

    Its methods raise psycopg.Error unless they say otherwise, and DatabaseError for statements that failed after
    retries.
    """

    repair: Repair
    journal: Journal
    batch: str
    stop: threading.Event
    writers: Writers = field(init=False)
    unproven: str = ""
    gave_way: int = 0
    gave_way_of_before: int = 0  # rows of the run that this one resumes
    doubled: dict[str, str] = field(default_factory=dict)
    bound: dict[str, str] = field(default_factory=dict)
    _now: int = 0
    _first: int = 0

    def __post_init__(self) -> None:
        self.writers = Writers(self.repair.promised, PATIENCE)

    def begin(self, connection: Connection) -> None:
        """Note since which transaction to check what others wrote. Call it before any row is written."""
        row = connection.execute(_NOW).fetchone()
        self._now = row[0] if row else 0
        self._first = self.journal.number
        self.journal.began(self.repair.invariant.name, self._now)

    def look_back(self, connection: Connection) -> None:
        """Begin, and first complete an interrupted run that had not yet checked what others wrote.

        Raises DatabaseError.
        """
        name = self.repair.invariant.name
        try:
            self.begin(connection)
            if self._first > marks(self.journal.path).looked.get(name, 0):
                self.give_way(connection)
                self.begin(connection)
        except psycopg.Error as error:
            raise broken_connection(error, f"checking what was repaired before for {name}") from None

    def end(self, connection: Connection) -> None:
        """Note that everything is checked; also note the end of the run, unless rows are still to be retired."""
        if not self.unproven:
            self.journal.looked(self.repair.invariant.name)
            if not due(connection, self.journal.path):
                self.journal.ended()

    def give_way(self, connection: Connection) -> None:
        """Delete our rows where others created the promised row during the run; `gave_way` counts them.

        Others write few rows during a run. One pass finds them by their row versions, after the transactions that were
        writing have ended. If one does not end, `unproven` says so. `doubled` holds the rows that exist twice and could
        not be deleted.
        """
        name = self.repair.invariant.name
        told = marks(self.journal.path)
        if self.repair.shown:
            self._count(connection, told.looked.get(name, 0))
            return
        # A batch that was not committed, or was undone, has no rows, so including it does no harm.
        ours = {head.transaction for head in heads(self.journal.path) if head.invariant == name}
        if not ours or not self.repair.promises:
            return
        ended = self.writers.ended(connection)
        theirs = self._theirs(connection, max(told.began.get(name, self._now), self._now - _FAR), ours)
        held = False
        for entry in valid(connection, self.journal.path, name) if theirs else ():
            if entry.number > told.looked.get(name, 0):
                held = self._settle(connection, entry, theirs) or held
        if ended and not held:
            self.journal.looked(name)
            return
        table = dotted(self.repair.promised)
        self.unproven = (
            f"another session has locked rows of {table} that others have created too"
            if ended
            else f"a transaction that writes to {table} is still open, and may create a row that this run created too"
        ) + ": when it has ended, run the same command with this journal again"

    def _count(self, connection: Connection, looked: int) -> None:
        """Check for each key whether a view shows more rows than were created: a view does not say who wrote them."""
        if not self.writers.ended(connection):
            self.unproven = f"a transaction that writes to {dotted(self.repair.statement.target)} is still open"
        for entry in valid(connection, self.journal.path, self.repair.invariant.name):
            made = (
                [one for one in entry.made if one.table == self.repair.statement.target]
                if entry.number > looked
                else []
            )
            with transaction(connection, self.repair.schema, timeout=_TIMEOUT):
                keys = crowded(connection, self.repair, made) if made else []
            self.doubled.update(dict.fromkeys(keys, "rows read through a view cannot be attributed"))
        if not self.unproven:
            self.journal.looked(self.repair.invariant.name)

    def _theirs(self, connection: Connection, start: int, ours: Iterable[int]) -> list[str]:
        """Return the keys for which others wrote a promised row since transaction `start`."""
        asked = queries.foreign(self.repair.invariant, self.repair.table)
        parameters = {"start": str(start % XIDS), "ours": [str(one % XIDS) for one in ours]}
        with transaction(connection, self.repair.schema, timeout=_UNLIMITED):
            return [row[0] or "" for row in texts(contract_sql.ask(connection, asked, parameters))]

    def _settle(self, connection: Connection, entry: JournalBatch, theirs: list[str]) -> bool:
        """Delete the rows of one batch that others created too. Return whether another session has locked some."""
        made = self._promised(entry)
        with transaction(connection, self.repair.schema, timeout=_TIMEOUT):
            keys = [one.key for one in made]
            doubtful = {keys[at] for at in matching(connection, self.repair.table, keys, theirs).values()}
            rows = [one for one in made if one.key in doubtful]
            late = judge(connection, self.repair, sorted(doubtful), rows, entry.transaction)
        spare = {*late.late, *late.doubled}
        back = take_back(connection, self.repair, [one for one in rows if one.key in spare], entry.transaction)
        self.doubled.update(back.kept)
        self.gave_way += len(back.gone)
        self.gave_way_of_before += len(back.gone) if entry.number <= self._first else 0
        return back.held

    def _promised(self, entry: JournalBatch) -> list[RowChange]:
        """Return the promised rows of a batch: those inserted, and for other keys the row that an upsert changed.

        The batch also holds the rows that were superseded for a key, after the row that replaced them.
        """
        ours = [one for one in entry.made if one.table == self.repair.statement.target]
        inserted = [one for one in ours if one.did is Did.INSERTED]
        known = {one.key for one in inserted}
        changed: dict[str, RowChange] = {}
        for one in ours if self.repair.statement.recalled else ():
            if one.did is Did.UPDATED and one.key not in known:
                changed.setdefault(one.key, one)
        return [*inserted, *changed.values()]

    def unhelped(self, connection: Connection, keys: list[str]) -> list[str]:
        """Return those of the keys, all of violating rows, for which this run has written a row."""
        found: set[str] = set()
        for entry in valid(connection, self.journal.path, self.repair.invariant.name) if keys else ():
            if entry.number > self._first:
                made = [one.key for one in entry.made]
                found |= {keys[at] for at in matching(connection, self.repair.table, made, keys)}
        return sorted(found)

    def supersede(self, connection: Connection) -> int:
        """Retire the rows that new rows replace, where their batch has left that to the end. Return their number.

        The journal says which batches these are, so that a resumed run does what the first could not. It is done only
        for new rows that still exist: where a new row was deleted again, the old row stays.
        """
        keys: list[str] = []
        numbers: list[int] = []
        left = due(connection, self.journal.path)
        target = self.repair.statement.target
        number = 0
        for entry in valid(connection, self.journal.path, self.repair.invariant.name) if left else ():
            made = [one for one in entry.made if one.table == target]
            if not made or entry.number not in left:
                continue
            there = set(standing(connection, made))
            keys += [one.key for one in made if one.row in there or one.did is not Did.INSERTED]
            numbers.append(entry.number)
            if len(keys) >= _MANY:
                number += self._retire(connection, keys, numbers)
                keys, numbers = [], []
        return number + self._retire(connection, keys, numbers)

    def _unbound(self, keys: Sequence[str], error: BoundError) -> list[str]:
        """Return the keys without those whose old rows must stay because other rows reference them."""
        self.bound.update(error.reasons)
        return [key for key in keys if key not in self.bound]

    def _retire(self, connection: Connection, keys: list[str], numbers: list[int]) -> int:
        repair, statement = self.repair, self.repair.supersede
        if statement is None or not keys:
            return 0
        retry = Retry(pause=_PAUSE, growth=2, attempts=_TRIES, stop=self.stop)
        while keys:
            try:
                with transaction(
                    connection, repair.schema, timeout=_UNLIMITED, lock_timeout=BACKFILL_BATCH, write=True
                ):
                    index_probe.by_scan(connection)
                    number = set_batch(connection, self.batch)
                    after = run(connection, statement, keys, repair.table)
                    close = self.journal.begin(repair.invariant.name, Batch((), (), after, number)) if after else None
                    self.journal.retired(numbers, number)
                    with CHANGES.committing(len(after)):
                        connection.execute("commit")
            except BoundError as error:
                keys = self._unbound(keys, error)
            except psycopg.Error as error:
                if not retried(error) or not retry.again():
                    raise broken_connection(error, "retiring rows that were superseded") from None
            else:
                if close is not None:
                    close()
                self.journal.retired(numbers)
                return len(after)
        self.journal.retired(numbers)
        return 0
