"""The end of a run over all rows: delete rows that others have created too, and retire superseded ones.

Both go by the journal, so that a run that goes on with one after a kill looks after the rows of the first run too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psycopg

from sessionaudit.audits.data import index_probe, queries
from sessionaudit.audits.data.keys import matching, texts
from sessionaudit.audits.data.transaction import XIDS, transaction
from sessionaudit.backfill.batch import LOCK_TIMEOUT, set_batch
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
_FAR = 2**31 - 1  # from here on PostgreSQL cannot tell which of two transactions is the older one
_MANY = 20_000
_NOW = "select pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())::text::bigint"


@dataclass(slots=True)
class Ending:
    """The end of a run over the broken rows of one invariant; `batch` names the run in the rows.

    Its methods raise psycopg.Error unless they say otherwise, and DatabaseError for what was tried several times.
    """

    repair: Repair
    journal: Journal
    batch: str
    stop: threading.Event
    writers: Writers = field(init=False)
    unproven: str = ""
    gave_way: int = 0
    gave_way_of_before: int = 0  # rows of a run that this one goes on with
    doubled: dict[str, str] = field(default_factory=dict)
    bound: dict[str, str] = field(default_factory=dict)
    _now: int = 0
    _first: int = 0

    def __post_init__(self) -> None:
        self.writers = Writers(self.repair.promised, PATIENCE)

    def begin(self, connection: Connection) -> None:
        """Note since when others are to be looked at. To be called before anything is made."""
        row = connection.execute(_NOW).fetchone()
        self._now = row[0] if row else 0
        self._first = self.journal.number
        self.journal.began(self.repair.invariant.name, self._now)

    def look_back(self, connection: Connection) -> None:
        """Begin, but look first at what a run left that was cut short before it could look at what others wrote.

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
        """Note that all is looked at; and the end of the journal's runs, unless something is still to be retired."""
        if not self.unproven:
            self.journal.looked(self.repair.invariant.name)
            if not due(connection, self.journal.path):
                self.journal.ended()

    def give_way(self, connection: Connection) -> None:
        """Take back our rows where others made the promised one too, while we were at work; `gave_way` has how many.

        What others wrote in the meantime is little; it is found by its versions in one pass, once those
        that were writing have ended. Where one does not end, `unproven` says so; `doubled` has the rows that are
        there twice, and that could not be taken back.
        """
        name = self.repair.invariant.name
        told = marks(self.journal.path)
        if self.repair.shown:
            self._count(connection, told.looked.get(name, 0))
            return
        # Of a batch that was not committed, or was taken back, there is no row: it does no harm among them.
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
        """Look whether a view shows more rows than were made: for each key, since it does not tell whose they are."""
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
        """The keys for which others wrote a promised row since a transaction."""
        asked = queries.foreign(self.repair.invariant, self.repair.table)
        parameters = {"start": str(start % XIDS), "ours": [str(one % XIDS) for one in ours]}
        with transaction(connection, self.repair.schema, timeout=_UNLIMITED):
            return [row[0] or "" for row in texts(contract_sql.ask(connection, asked, parameters))]

    def _settle(self, connection: Connection, entry: JournalBatch, theirs: list[str]) -> bool:
        """Give way with the rows of one batch, where others have made theirs; whether another session holds some."""
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
        """The promised rows of a batch: those that it inserted, and for other keys the row that an upsert changed.

        What was superseded for a key stands in the batch too, behind the row that took its place.
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
        """Which of the keys, that break the promise still, this run has written a row for."""
        found: set[str] = set()
        for entry in valid(connection, self.journal.path, self.repair.invariant.name) if keys else ():
            if entry.number > self._first:
                made = [one.key for one in entry.made]
                found |= {keys[at] for at in matching(connection, self.repair.table, made, keys)}
        return sorted(found)

    def supersede(self, connection: Connection) -> int:
        """Retire what new rows take the place of, where their batch has left that to the end; how many rows.

        Which batches these are stands in the journal, so that a run that goes on does what the first could not. For
        those new rows alone that are there still: whoever lost theirs again keeps what they had.
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
        """The keys without those whose old rows must stay, because others reference them."""
        self.bound.update(error.reasons)
        return [key for key in keys if key not in self.bound]

    def _retire(self, connection: Connection, keys: list[str], numbers: list[int]) -> int:
        repair, statement = self.repair, self.repair.supersede
        if statement is None or not keys:
            return 0
        retry = Retry(pause=_PAUSE, growth=2, attempts=_TRIES, stop=self.stop)
        while keys:
            try:
                with transaction(connection, repair.schema, timeout=_UNLIMITED, lock_timeout=LOCK_TIMEOUT, write=True):
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
