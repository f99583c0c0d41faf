"""Apply a plan: one step at a time, with short lock timeouts and retries, and verify each step.

It can be killed at any moment and run again: each step first checks whether it is done; it is one transaction, or
removes what an earlier attempt left.
"""

from __future__ import annotations

import time
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import psycopg
from msgspec import Struct, field

from sessionaudit.core import sqlstate
from sessionaudit.core.query import Query
from sessionaudit.core.step import Hazard
from sessionaudit.core.underway import UNDERWAY
from sessionaudit.errors import EXIT_INTERRUPTED, BusyError, DatabaseError, RepairError
from sessionaudit.postgres import applier_session, contract_sql, locks
from sessionaudit.postgres.connection import broken, limit, roll_back
from sessionaudit.postgres.lock_timeouts import REPAIR_STEP
from sessionaudit.postgres.retry import Retry, retried
from sessionaudit.postgres.timeout import milliseconds
from sessionaudit.repair import obstacles_at_apply
from sessionaudit.sql.text import quoted, sent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sessionaudit.core.step import LockLevel, Obstacle, Step
    from sessionaudit.postgres.connection import Connection
    from sessionaudit.repair.plan import Plan

_MEETING = sqlstate.INTERNAL_ERROR  # the error of DDL that conflicts with concurrent DDL
_MEANWHILE = "another session did it meanwhile"
_PATH = "select pg_catalog.set_config('search_path', %s, true)"
_BATCH = 5000
_RECONNECT = 30.0  # seconds
_LOSSES = 5  # lost connections in one step, before the step is considered the cause


class StepOutcome(StrEnum):
    """The outcome of a step."""

    APPLIED = "applied"
    ALREADY = "already so"
    BLOCKED = "blocked by rows"
    FAILED = "failed"
    NOT_REACHED = "not reached"
    IN_DOUBT = "in doubt"


class Record(NamedTuple):
    """The outcome of one step; `rows` is how many rows its data repair changed, `observed` its strongest lock."""

    step: Step
    outcome: StepOutcome
    detail: str = ""
    seconds: float = 0.0
    rows: int = 0
    observed: LockLevel | None = None


class StepListener(Protocol):
    """Receives the progress."""

    def begins(self, number: int, step: Step) -> None:
        """A step begins; `number` counts from 1."""

    def waits(self, step: Step, blockers: list[locks.Blocker], seconds_left: float) -> None:
        """A lock was not free; it will be retried."""

    def rows_repaired(self, step: Step, done: int, total: int) -> None:
        """Rows in a step's way are being changed."""

    def ends(self, number: int, record: Record) -> None:
        """A step has ended."""


class Manner(Struct, frozen=True, kw_only=True):
    """The options of applying a plan. Times are in seconds.

    `lock_timeout` is how long one attempt waits for a lock, and so how long it can block other sessions that want the
    table; `lock_wait` is how long attempts are repeated. `repairs` holds the SQL of the data repairs that may run, by
    file name.
    """

    lock_timeout: float = REPAIR_STEP
    lock_wait: float = 60.0
    repairs: Mapping[str, str] = field(default_factory=dict[str, str])
    observe: bool = False


class InterruptedRepairError(RepairError):
    """The user pressed Ctrl-C while steps were applied; the message says which ones were applied."""

    exit_code = EXIT_INTERRUPTED


def apply(
    open_connection: Callable[[], Connection], plan: Plan, manner: Manner, listener: StepListener
) -> list[Record]:
    """Apply a plan, and return the outcome of each step.

    If a step fails, or is blocked by rows, only the steps that depend on it are skipped. The run ends if the server
    becomes unreachable. Raises BusyError if another repair is running, DatabaseError if the server cannot be reached at
    the start, and InterruptedRepairError instead of KeyboardInterrupt.
    """
    guard = locks.ApplierLock(open_connection)
    try:
        try:
            guard.take()
        except psycopg.Error as error:
            raise broken(error, "taking the lock against other repairs") from None
        runner = _Runner(open_connection, plan, manner, listener, guard)
        try:
            return runner.run()
        finally:
            runner.close()
    finally:
        guard.close()


class _Runner:
    def __init__(
        self,
        open_connection: Callable[[], Connection],
        plan: Plan,
        manner: Manner,
        listener: StepListener,
        guard: locks.ApplierLock,
    ) -> None:
        self._open = open_connection
        self._plan = plan
        self._manner = manner
        self._listener = listener
        self._guard = guard
        self._path = ", ".join(quoted(name) for name in plan.path)
        self._retry: Retry | None = None
        self._taken: set[tuple[str, ...]] = set()  # the tables whose lock could not be obtained
        self._trying = False  # whether statements of the step were sent, and no error was returned
        self._connection = self._connected()

    def _connected(self) -> Connection:
        connection = self._open()
        connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        return connection

    def close(self) -> None:
        self._connection.close()

    def run(self) -> list[Record]:
        records: list[Record] = []
        try:
            self._run(records)
        except KeyboardInterrupt:
            raise self._interrupted(records) from None
        finally:
            if any(record.outcome is StepOutcome.APPLIED for record in records):
                with suppress(psycopg.Error):
                    self._connection.execute("notify pgrst, 'reload schema'")  # PostgREST caches the schema
        return records

    def _run(self, records: list[Record]) -> None:
        with UNDERWAY.doing("applying steps", len(self._plan.steps)) as applying:
            self._run_steps(applying.over(self._plan.steps), records)

    def _run_steps(self, steps: Iterable[Step], records: list[Record]) -> None:
        stopped = False
        for place, step in enumerate(steps):
            out = next((other for other in sorted(self._plan.after[place]) if not _fine(records[other])), None)
            if stopped or out is not None:
                detail = "" if out is None else f"it depends on “{records[out].step.action}”"
                record = Record(step, StepOutcome.NOT_REACHED, detail)
            else:
                self._listener.begins(place + 1, step)
                begun = time.monotonic()
                record = self._step(step)._replace(seconds=time.monotonic() - begun)
                stopped = record.outcome is StepOutcome.IN_DOUBT
            records.append(record)
            self._listener.ends(place + 1, record)

    def _step(self, step: Step) -> Record:
        rows, lost, losses = 0, "", 0
        self._trying = False
        repairs = step.repair in self._manner.repairs
        # If another step could not obtain this lock, try only once.
        self._retry = self._locking(0) if self._taken.intersection(step.locks) else None
        while True:
            try:
                self._guard.check()
                if self._holds(step.done):
                    return Record(step, StepOutcome.APPLIED if lost or rows else StepOutcome.ALREADY, lost, rows=rows)
                rows += self._repair_rows(step) if repairs and step.repaired_first else 0
                after, wait = repairs and not step.repaired_first, self._manner.lock_timeout
                path = self._plan.path
                found = obstacles_at_apply.appeared(self._connection, path, step, repaired_later=after, wait=wait)
                if found is not None:
                    return self._blocked(step, found, rows)
                self._trying = True
                if step.concurrent and not self._concurrently(step):
                    return Record(step, StepOutcome.ALREADY, _MEANWHILE, rows=rows)
                observed = None if step.concurrent else self._transaction(step)
                return Record(step, StepOutcome.APPLIED, lost, rows=rows, observed=observed)
            except psycopg.Error as error:
                if self._is_lost(error):
                    lost, losses = "the connection was lost", losses + 1
                    if losses > _LOSSES:
                        return Record(step, StepOutcome.IN_DOUBT, f"{lost}, {losses} times", rows=rows)
                    if problem := self._reconnect():
                        return Record(step, StepOutcome.IN_DOUBT, f"{lost}, and {problem}", rows=rows)
                    continue
                roll_back(self._connection)
                self._trying = step.concurrent
                if retried(error, _MEETING) and self._again(step):
                    continue
                if self._is_so(step.done):
                    return Record(step, StepOutcome.ALREADY, _MEANWHILE, rows=rows)
                return self._failure(step, error, rows)

    def _locking(self, seconds: float | None = None) -> Retry:
        """Return the limit for waiting on locks; it counts from the first busy lock since the last progress."""
        if self._retry is None or seconds is not None:
            seconds = self._manner.lock_wait if seconds is None else seconds
            self._retry = Retry(pause=0.05, growth=1.5, longest=1.0, seconds=seconds)
        return self._retry

    def _again(self, step: Step) -> bool:
        """Report who holds a busy lock, and wait; return false if the time for attempts is over."""
        left = self._locking().left
        if left > 0:
            self._listener.waits(step, locks.blockers(self._connection, step), left)
        return self._locking().again()

    def _holds(self, condition: str) -> bool:
        """Whether a condition over the catalogs is true. It may read tables, and so have to wait for a lock."""
        with applier_session.reading(self._connection, self._manner.lock_timeout):
            row = self._connection.execute(sent(f"select {condition}")).fetchone()
        return row is not None and row[0] is True

    def _is_so(self, condition: str) -> bool | None:
        """Whether a condition over the catalogs is true; None if it cannot be read."""
        try:
            return self._holds(condition)
        except psycopg.Error:
            return None

    def _limit(self, statement: float, lock: float) -> None:
        limit(self._connection, statement, lock)

    def _transaction(self, step: Step) -> LockLevel | None:
        """Run a step in one round trip, so that it holds its locks only while the server works."""
        connection = self._connection
        observed: psycopg.Cursor[Any] | None = None
        with connection.pipeline():
            connection.execute(locks.BEGIN)
            self._limit(step.timeout or 0.0, self._manner.lock_timeout)
            if Hazard.REWRITE in step.hazards and step.locks:
                connection.execute(sent(locks.claim(step)))
            obstacles_at_apply.prepare(connection, self._plan.path, step, every_row=step.risk is not None)
            if step.risk and step.risk.locked:
                connection.execute(sent(locks.harmless(step)))
            for statement in step.sql:
                connection.execute(sent(statement))
            connection.execute(_PATH, ("",))
            connection.execute(sent(locks.proof(step)))
            if self._manner.observe:
                observed = connection.execute(locks.OBSERVED, locks.named(step))
            connection.execute("commit")
        return locks.strongest(observed) if observed else None

    def _concurrently(self, step: Step) -> bool:
        """Run a statement that cannot run in a transaction; return false if it is already done."""
        connection = self._connection
        while self._locking().left > 0 and locks.others_building(connection, step):
            self._again(step)
        if self._holds(step.done):
            return False
        # One long wait: an attempt that gives up leaves an invalid index.
        wait = milliseconds(max(self._locking().left, self._manner.lock_timeout))
        limits = {"search_path": self._path, "statement_timeout": "0", "lock_timeout": wait}
        with applier_session.settings(connection, limits):
            try:
                if step.debris and self._holds(step.debris.there):
                    connection.execute(sent(step.debris.remove))
                for statement in step.sql:
                    connection.execute(sent(statement))
            except BaseException:
                self._sweep(step)
                raise
        if not self._holds(step.done):
            raise _UndoneError
        return True

    def _sweep(self, step: Step) -> None:
        """Remove what a failed attempt left, if the lock is free: even an invalid unique index rejects rows."""
        connection = self._connection
        if step.debris and not connection.closed and not connection.broken and not locks.pooled(connection):
            with suppress(psycopg.Error):
                connection.execute("select pg_catalog.set_config('lock_timeout', '1s', false)")
                if self._holds(step.debris.there):
                    connection.execute(sent(step.debris.remove))

    def _repair_rows(self, step: Step) -> int:
        """Run a data repair over the rows that block a step, in batches; their keys are collected once."""
        repair = Query().statement(self._manner.repairs[step.repair], step.repair)
        path, wait = self._plan.path, self._manner.lock_timeout
        changed = 0
        for what in step.repairable:
            keys = obstacles_at_apply.keys(self._connection, path, step, what, wait=wait)
            for start in range(0, len(keys), _BATCH):
                changed += self._batch(step, repair, keys[start : start + _BATCH])
                self._retry = None
                self._listener.rows_repaired(step, min(start + _BATCH, len(keys)), len(keys))
        return changed

    def _batch(self, step: Step, repair: Query, keys: list[Any]) -> int:
        while True:
            try:
                with self._connection.transaction():
                    self._limit(0.0, 1.0)
                    self._connection.execute(_PATH, (self._path,))
                    return max(contract_sql.ask(self._connection, repair, {"keys": keys}).rowcount, 0)
            except psycopg.Error as error:
                if not retried(error, _MEETING) or not self._again(step):
                    raise

    def _blocked(self, step: Step, found: Obstacle, rows: int) -> Record:
        subject = "rows " if found.of_rows else ""
        return Record(step, StepOutcome.BLOCKED, f"{subject}{found.what}. {found.hint}", rows=rows)

    def _failure(self, step: Step, error: psycopg.Error, rows: int) -> Record:
        said, state = obstacles_at_apply.said(error), error.sqlstate or ""
        if state == locks.NOT_DONE or isinstance(error, _UndoneError):
            return Record(step, StepOutcome.FAILED, "it ran, but its result is not as expected", rows=rows)
        if state == locks.AT_RISK and step.risk:
            return self._blocked(step, step.risk.found, rows)
        # A value that the new type cannot hold.
        unfit = state.startswith(sqlstate.DATA_EXCEPTION) and Hazard.REWRITE in step.hazards
        if unfit or (
            step.obstacle
            and (
                state.startswith(sqlstate.INTEGRITY_CONSTRAINT_VIOLATION)
                or obstacles_at_apply.hindered(self._connection, self._plan.path, step, wait=self._manner.lock_timeout)
            )
        ):
            return Record(
                step, StepOutcome.BLOCKED, f"{said}. {step.obstacle.hint if step.obstacle else ''}", rows=rows
            )
        if state == sqlstate.LOCK_NOT_AVAILABLE:
            self._taken.update(step.locks)
            held = "; ".join(map(str, locks.blockers(self._connection, step))) or "the lock is free now"
            return Record(step, StepOutcome.FAILED, f"no lock within {self._manner.lock_wait:g} s; {held}", rows=rows)
        return Record(step, StepOutcome.FAILED, f"{said} ({state})" if state else said, rows=rows)

    def _interrupted(self, records: list[Record]) -> InterruptedRepairError:
        """Return the error after Ctrl-C, with the state of the interrupted step; its statement has been canceled."""
        aborted = self._connection.info.transaction_status is psycopg.pq.TransactionStatus.INERROR
        roll_back(self._connection)
        steps, place = self._plan.steps, len(records)
        applied = sum(record.outcome is StepOutcome.APPLIED for record in records)
        told = f"interrupted: {applied} of {len(steps)} steps were applied"
        if place < len(steps):
            # If nothing was sent, or the server has ended the transaction, the step is not done.
            done = self._is_so(steps[place].done) if self._trying and not aborted else False
            outcome = {True: StepOutcome.APPLIED, False: StepOutcome.NOT_REACHED, None: StepOutcome.IN_DOUBT}[done]
            word = {True: "done", False: "not done", None: "in doubt"}[done]
            self._listener.ends(place + 1, Record(steps[place], outcome, "interrupted"))
            told += f" before step {place + 1}, “{steps[place].action}”, which is {word}"
        return InterruptedRepairError(told, hint="Run the same command again to resume.")

    def _is_lost(self, error: psycopg.Error) -> bool:
        state = error.sqlstate or ""
        gone = sqlstate.ends_connection(state) or (not state and isinstance(error, psycopg.OperationalError))
        return gone or self._guard.lost or self._connection.broken or self._connection.closed

    def _reconnect(self) -> str:
        """Reconnect, waiting as long as a server needs to restart; return why it failed, or ""."""
        retry = Retry(pause=0.5, seconds=_RECONNECT)
        while True:
            try:
                self._connection.close()
                self._connection = self._connected()
                self._guard.keep()
            except (DatabaseError, BusyError, psycopg.Error) as error:
                if not retry.again():
                    return "the server does not answer" if isinstance(error, psycopg.Error) else str(error)
            else:
                return ""


class _UndoneError(psycopg.Error):
    """A statement outside a transaction ran, but its result does not exist."""


def _fine(record: Record) -> bool:
    return record.outcome in {StepOutcome.APPLIED, StepOutcome.ALREADY}
