"""Repair all rows of an invariant: collect their keys once, then repair them in batches."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec
import psycopg
from msgspec import Struct

from sessionaudit.audits.data import index_probe, queries
from sessionaudit.audits.data.keys import array, texts
from sessionaudit.audits.data.transaction import said, transaction
from sessionaudit.backfill.backlog import Backlog
from sessionaudit.backfill.batch import SpoiledError, Walk, is_of_rows, repair_keys
from sessionaudit.backfill.give_way import Ending
from sessionaudit.backfill.pace import Stopwatch, Turn
from sessionaudit.core import sqlstate
from sessionaudit.errors import DatabaseError
from sessionaudit.postgres import contract_sql
from sessionaudit.postgres.connection import broken as broken_connection
from sessionaudit.postgres.connection import closing, connect
from sessionaudit.postgres.retry import Retry, retried

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sessionaudit.backfill.journal.writing import Journal
    from sessionaudit.backfill.pace import Pace
    from sessionaudit.backfill.row_changes import Batch
    from sessionaudit.backfill.row_repair import Repair
    from sessionaudit.backfill.verification import Discrepancies
    from sessionaudit.postgres.connection import Connection, Url

_SHOWN = 20
_UNHELPED = "the repair had no effect: it wrote a row, but the invariant is still violated"
_MOST_UNHELPED = 10_000
_PASSES = 5  # over rows that others had locked
_PAUSE = 0.1
_UNLIMITED = 0.0
_BATCH_TIMEOUT = 120.0
_COLLECTING = "collecting the keys of the rows to repair"


class Progress(Struct):
    """The progress of a run.

    `gave_way` counts the rows that were deleted because others had created the promised row too. `paused` says why the
    run waits, `unproven` what could not be verified at its end. `failed` counts the rows that could not be repaired;
    `failures` describes the first of them.
    """

    total: int = 0
    looked: int = 0
    made: int = 0
    superseded: int = 0
    gave_way: int = 0
    batches: int = 0
    size: int = 0
    paused: str = ""
    unproven: str = ""
    failed: int = 0
    failures: list[str] = msgspec.field(default_factory=list[str])


@dataclass(slots=True)
class Bulk:
    """A run over all rows that violate one invariant.

    The server runs the repair for `jobs` batches at once. One more connection writes the journal, commits, and locks
    the rows of the next batch meanwhile. A statement of a batch may take `timeout` seconds. `tell` is called with the
    progress after each batch. Setting `stop` ends the run after the batches in progress. `batch` is the name of the run
    in the rows.
    """

    connect: Callable[[], Connection]
    repair: Repair
    journal: Journal
    pace: Pace
    batch: str
    jobs: int = 1
    since: str = ""
    limit: int | None = None
    timeout: float = _BATCH_TIMEOUT
    tell: Callable[[Progress], None] = lambda _: None
    stop: threading.Event = field(default_factory=threading.Event)
    progress: Progress = field(default_factory=Progress)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _turns: threading.Semaphore = field(init=False)
    _walk: Walk = field(default_factory=Walk)
    _collector: Connection | None = None
    _ending: Ending = field(init=False)

    def __post_init__(self) -> None:
        self._ending = Ending(self.repair, self.journal, self.batch, self.stop)
        self._turns = threading.Semaphore(self.jobs)

    def run(self) -> Progress:
        """Repair all rows. Raises DatabaseError if the server fails; committed changes stay, and are in the journal."""
        with contextlib.ExitStack() as stack:
            todo = stack.enter_context(Backlog(self.stop))
            others: Sequence[Future[None]] = (self._collecting(todo),)
            retry = Retry(pause=_PAUSE, growth=2, attempts=_PASSES, stop=self.stop)
            while True:
                again = stack.enter_context(Backlog(self.stop))
                self._pass(todo, again, others)
                again.end()
                if not again or self.stop.is_set() or not retry.again():
                    break
                todo, others = again, ()
        self._end()
        return self.progress

    def _collecting(self, into: Backlog) -> Future[None]:
        """Start to collect the keys of the violating rows, and learn from the first ones which indexes to use."""
        with closing(self.connect()) as connection:
            try:
                self._ending.begin(connection)
            except psycopg.Error as error:
                raise broken_connection(error, _COLLECTING) from None
        collecting = self._start(lambda: self._collect(into))
        try:
            with closing(self.connect()) as connection:
                sample = into.first(2 * self.pace.size)
                with transaction(connection, self.repair.schema, timeout=_BATCH_TIMEOUT):
                    self._walk = self._by_index(connection, {"keys": array(sample)})
        except BaseException as error:
            self.stop.set()
            self._wait((collecting,))
            if isinstance(error, psycopg.Error):
                raise broken_connection(error, _COLLECTING) from None
            raise
        return collecting

    def _collect(self, into: Backlog) -> None:
        """Collect the keys of the violating rows, in one snapshot."""
        asked = queries.keys(self.repair.invariant, self.repair.table, since_moment=self.since, limit=self.limit)
        try:
            with closing(self.connect()) as connection:
                self._collector = connection
                with transaction(connection, self.repair.schema, timeout=_UNLIMITED):
                    for piece in contract_sql.pieces(connection, asked):
                        keys = [row[0] or "" for row in texts(piece)]
                        with self._lock:
                            self.progress.total += len(keys)
                        into.add(keys)
                        if self.stop.is_set():
                            break
        except psycopg.Error as error:
            if not self.stop.is_set():
                raise broken_connection(error, _COLLECTING) from None
        finally:
            self._collector = None
            into.end()

    def _by_index(self, connection: Connection, parameters: dict[str, str]) -> Walk:
        """Find which statements can use indexes alone. They must, so that no plan changes with the size of a batch."""
        repair = self.repair
        looking = queries.still_broken(repair.invariant, repair.table)
        after = repair.supersede
        return Walk(
            look=index_probe.walks(connection, looking, parameters),
            repair=index_probe.walks(connection, repair.statement.query, parameters),
            supersede=after is not None and index_probe.walks(connection, after.query, parameters),
        )

    def _pass(self, todo: Backlog, again: Backlog, others: Sequence[Future[None]] = ()) -> None:
        """Repair the rows of `todo`, add those that others have locked to `again`, and wait for `others` to end."""
        spare = int(len(todo.first(self.pace.size + 1)) > self.pace.size)
        self._wait([*others, *(self._start(lambda: self._work(todo, again)) for _ in range(self.jobs + spare))])

    def _wait(self, outcomes: Sequence[Future[None]]) -> None:
        """Wait until all have ended. If one fails, stop the others and raise its error."""
        while True:
            done, open_ = wait(outcomes, timeout=0.2)
            if any(one.exception() for one in done):
                self.stop.set()
            if not open_:
                break
            collector = self._collector
            if collector is not None and self.stop.is_set():
                self._collector = None
                collector.cancel_safe()
        for one in outcomes:
            one.result()

    def _start(self, work: Callable[[], None]) -> Future[None]:
        outcome: Future[None] = Future()

        def run() -> None:
            try:
                work()
            except BaseException as error:
                outcome.set_exception(error)
            else:
                outcome.set_result(None)

        threading.Thread(target=run, daemon=True).start()
        return outcome

    def _work(self, todo: Backlog, again: Backlog) -> None:
        with closing(self.connect()) as connection:
            while not self.stop.is_set():
                try:
                    self.pace.wait(connection, self.stop, self._paused)
                    keys = todo.take(self.pace.size)
                    if not keys or self.stop.is_set():
                        return
                    self._batch(connection, keys, again)
                except psycopg.Error as error:
                    raise broken_connection(error, "repairing rows") from None

    def _batch(self, connection: Connection, keys: Sequence[str], again: Backlog) -> None:
        """Repair some rows; report or set aside those that fail, and repair the others without them."""
        while keys:
            try:
                batch = self._repair_keys(connection, keys, thorough=not self.progress.batches)
            except SpoiledError as spoiled:
                self._spoiled(spoiled.discrepancies, again)
                keys = [key for key in keys if key not in spoiled.discrepancies.keys]
                continue
            except psycopg.Error as error:
                if retried(error):
                    again.add(keys)
                    self.stop.wait(_PAUSE)
                    return
                if not is_of_rows(error):
                    raise
                if len(keys) == 1:
                    self._failed(keys[0], said(error))
                    return
                half = len(keys) // 2  # find the row that cannot be repaired, and repair the others
                self._batch(connection, keys[:half], again)
                keys = keys[half:]
                continue
            if len(batch.taken) < len(keys):
                again.add(sorted(set(keys) - set(batch.taken)))
            with self._lock:
                self.progress.looked += len(batch.taken)
                self.progress.made += len(batch.made)
                self.progress.superseded += len(batch.superseded)
                self.progress.batches += 1
                self.progress.size = self.pace.size
                self.tell(self.progress)
            return

    def _spoiled(self, found: Discrepancies, again: Backlog) -> None:
        for key in found.unhelped:
            self._failed(key, f"{_UNHELPED}; it was rolled back")
        for key in found.doubled:
            self._failed(key, "more than one row was created, perhaps by a trigger; it was rolled back")
        for key, why in found.bound:
            self._failed(key, why)
        again.add(found.late)  # the next pass finds the row of the other session

    def _repair_keys(self, connection: Connection, keys: Sequence[str], *, thorough: bool) -> Batch:
        begun: list[tuple[Callable[[], None], float]] = []
        with Turn(self._turns) as turn:
            watch = Stopwatch()

            def before_commit(batch: Batch) -> None:
                begun.append((self.journal.begin(self.repair.invariant.name, batch), watch.seconds))

            batch = repair_keys(
                connection,
                self.repair,
                keys,
                batch=self.batch,
                skip_locked=True,
                walk=self._walk,
                thorough=thorough,
                timeout=self.timeout,
                locked=turn.begin,
                served=turn.end,
                before_commit=before_commit,
            )
        seconds = watch.seconds
        for close, before in begun:
            close()
            self.pace.took(len(keys), seconds - turn.waited, seconds - before)
        return batch

    def _end(self) -> None:
        """Give way to others, and retire superseded rows, unless each batch has done so itself."""
        with closing(self.connect()) as connection:
            try:
                self._ending.give_way(connection)
                self.progress.gave_way = self._ending.gave_way
                self.progress.made -= self._ending.gave_way - self._ending.gave_way_of_before
                self.progress.unproven = self._ending.unproven
                for key, why in self._ending.doubled.items():
                    self._failed(
                        key, f"another session created a row at the same time, and ours was kept because {why}"
                    )
                if self.repair.supersede is not None and not self.stop.is_set():
                    self.progress.superseded += self._ending.supersede(connection)
                for key, why in self._ending.bound.items():
                    self._failed(key, f"the row that the new one supersedes was not changed: {why}")
            except psycopg.Error as error:
                raise broken_connection(error, "looking for rows that others created meanwhile") from None

    def unhelped(self, connection: Connection) -> None:
        """Report rows that still violate the invariant after the repair: not every batch was verified by itself."""
        asked = queries.keys(self.repair.invariant, self.repair.table, since_moment=self.since, limit=_MOST_UNHELPED)
        try:
            with transaction(connection, self.repair.schema, timeout=_UNLIMITED):
                keys = [row[0] or "" for row in texts(contract_sql.ask(connection, asked))]
            for key in self._ending.unhelped(connection, keys):
                self._failed(key, _UNHELPED)
        except psycopg.Error as error:
            raise broken_connection(error, "checking the rows that are still broken") from None

    def _failed(self, key: str, why: str) -> None:
        with self._lock:
            self.progress.failed += 1
            if len(self.progress.failures) < _SHOWN:
                self.progress.failures.append(f"{key}: {why}")

    def _paused(self, reason: str) -> None:
        with self._lock:
            self.progress.paused = reason
            self.tell(self.progress)


def left(
    connection: Connection, repair: Repair, *, timeout: float, since: str = "", final: bool = False
) -> tuple[int, list[str]]:
    """Count the rows that violate the invariant, since `since` if it is given; return also the keys of some.

    Raises DatabaseError. `final` is for the proof that no row is left: it raises DatabaseError also if the invariant's
    own query returns values that are not keys, because such a query may concern rows that it does not find.
    """
    name = repair.invariant.name
    asked = queries.count(repair.invariant, repair.table, since_moment=since)
    try:
        with transaction(connection, repair.schema, timeout=timeout):
            row = contract_sql.ask(connection, asked).fetchone()
    except psycopg.Error as error:
        if error.sqlstate == sqlstate.QUERY_CANCELED:
            raise DatabaseError(
                f"counting the rows of {name} took longer than {timeout:g} s",
                hint="Allow more with --data-timeout SECONDS.",
            ) from None
        raise broken_connection(error, f"counting the rows of {name}") from None
    if row is None:
        raise DatabaseError(f"the server returned no count for {name}")
    if row[2] and final:
        raise DatabaseError(
            f"its “violations” returned {row[2]:,} values that are not primary keys of its table",
            hint="It must return the primary keys of the rows that violate the invariant, without nulls.",
        )
    return row[0], row[1] or []


def connecting(url: Url) -> Callable[[], Connection]:
    """Return a function that opens one more connection."""
    return lambda: connect(url)
