"""Run a backfill of all rows that violate invariants: count them, repair them, and count what is left."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple, Protocol

from msgspec import Struct, field

from sessionaudit.backfill import bulk, pace, row_repair, since
from sessionaudit.backfill.by_id import Backfill
from sessionaudit.backfill.journal import opening
from sessionaudit.backfill.journal.opening import JournalListener, run_name
from sessionaudit.backfill.pace import Stopwatch
from sessionaudit.backfill.row_outcome import RowState
from sessionaudit.errors import DatabaseError, SessionAuditError
from sessionaudit.postgres.connection import closing, connect

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from sessionaudit.backfill.bulk import Bulk, Progress
    from sessionaudit.backfill.journal.writing import Journal
    from sessionaudit.backfill.pace import Pace
    from sessionaudit.backfill.row_outcome import RowOutcome
    from sessionaudit.backfill.row_repair import Repair
    from sessionaudit.backfill.session import Prepared
    from sessionaudit.contract.invariants import Invariant
    from sessionaudit.postgres.connection import Connection

_REHEARSED = 5  # rows of each invariant


class Everything(NamedTuple):
    """Which rows to repair, and how fast; `limit` applies to each invariant."""

    since: str
    limit: int | None
    jobs: int
    pace: Pace


class Broken(NamedTuple):
    """The number of rows that violate an invariant, and the keys of some of them."""

    repair: Repair
    number: int
    sample: Sequence[str]


class DryRun(NamedTuple):
    """The outcome of a dry run for the first violating rows of an invariant; the work was rolled back."""

    broken: Broken
    outcomes: Sequence[RowOutcome]


class Backfilled(Struct, frozen=True, kw_only=True):
    """What was done for an invariant; `left` is how many rows still violate it, or None if that is not known."""

    repair: Repair
    progress: Progress
    seconds: float
    left: int | None = None
    sample: Sequence[str] = ()


class Stage(Enum):
    """The stage that a run has reached."""

    LOOKING = auto()
    REHEARSED = auto()
    NOTHING_BROKEN = auto()
    DECLINED = auto()
    RUNNING = auto()
    STOPPED = auto()
    DONE = auto()


class AllListener(JournalListener, Protocol):
    """Receives the progress of a backfill of all rows, and is asked for confirmation before it begins."""

    def broken_counted(self, broken: Sequence[Broken], asked: Everything) -> None:
        """The rows that violate each invariant were counted."""

    def rehearsed(self, rehearsal: DryRun) -> None:
        """The first rows of an invariant were repaired, and the transaction was rolled back."""

    def replicas_counted(self, number: int) -> None:
        """The replicas that stream from the server were counted; the run waits for their lag."""

    def confirmed(self) -> bool:
        """Return whether to repair the rows."""
        ...

    def running(self, work: Bulk) -> AbstractContextManager[None]:
        """Return a context manager for the work on one invariant: it may show the progress and stop the work."""
        ...

    def invariant_ended(self, backfilled: Backfilled, asked: Everything) -> None:
        """The work on an invariant ended, and the rows that are left were counted."""

    def invariant_failed(self, backfilled: Backfilled) -> None:
        """The work on an invariant was interrupted by an error."""


class AllSession(Struct):
    """One run over all rows.

    `stage` is the stage that it reached. `rehearsed` and `backfilled` hold what was done, also if the run ends with an
    error.
    """

    prepared: Prepared
    asked: Everything
    listener: AllListener
    run_name: str = field(default_factory=run_name)
    stage: Stage = Stage.LOOKING
    journal: Journal | None = None
    rehearsed: list[DryRun] = field(default_factory=list[DryRun])
    backfilled: list[Backfilled] = field(default_factory=list[Backfilled])

    @property
    def would_change(self) -> bool:
        """Whether the rehearsal shows that a run would change anything."""
        return any(
            one.broken.number > len(one.outcomes) or any(row.made for row in one.outcomes) for one in self.rehearsed
        )

    @property
    def stuck(self) -> tuple[str, ...]:
        """The invariants of which a repair left rows as they were; or would, where a rehearsal changes nothing."""
        rehearsed = [
            one.broken.repair
            for one in (() if self.would_change else self.rehearsed)
            if any(row.state is RowState.FAILED for row in one.outcomes)
        ]
        limited = self.asked.limit is not None
        left = [one.repair for one in self.backfilled if one.progress.failed or (one.left and not limited)]
        return tuple(repair.invariant.name for repair in (*rehearsed, *left))

    @property
    def undecided(self) -> tuple[Invariant, ...]:
        """The invariants about whose rows a person must decide."""
        return tuple(one for one in self.prepared.invariants if one.name in self.stuck)

    @property
    def unproven(self) -> bool:
        """Whether some invariant could not be verified after the run."""
        return any(one.progress.unproven for one in self.backfilled)

    @property
    def fine(self) -> bool:
        """Whether every row that should be repaired was repaired."""
        limited = self.asked.limit is not None
        backfilled = all(not one.progress.failures and (limited or not one.left) for one in self.backfilled)
        return backfilled and all(row.state.fine for one in self.rehearsed for row in one.outcomes)

    def run(self) -> None:
        """Run the backfill. Raises SessionAuditError; committed changes stay, and are in the journal."""
        options, contract = self.prepared.options, self.prepared.contract
        with closing(connect(options.url)) as connection:
            repairs = row_repair.load_all(connection, contract, self.prepared.invariants, keep_older=options.keep_older)
            moment = since.moment(connection, [(one.invariant, one.table) for one in repairs], self.asked.since)
            self.asked = self.asked._replace(since=moment)
            broken = [
                Broken(one, *bulk.left(connection, one, timeout=options.data_timeout, since=moment)) for one in repairs
            ]
            self.listener.broken_counted(broken, self.asked)
            if options.dry:
                self._rehearse(connection, broken)
                return
            about = opening.described(connection, contract, [one.name for one in self.prepared.invariants])
            begun = opening.unfinished(options.journal, about, self.listener)
            if begun is None and not any(one.number for one in broken):
                self.stage = Stage.NOTHING_BROKEN
                return
            if self.asked.pace.max_lag is not None:
                self.listener.replicas_counted(pace.replicas(connection))
            if not self.listener.confirmed():
                self.stage = Stage.DECLINED
                return
            with opening.opened(
                options.journal, connection, self.run_name, about, self.listener, begun=begun
            ) as journal:
                self.journal = journal
                self.stage = Stage.RUNNING
                self._all(journal, repairs)

    def _rehearse(self, connection: Connection, broken: Sequence[Broken]) -> None:
        limit = self.asked.limit
        for place, one in enumerate(broken):
            follows = any(other.number for other in broken[:place])
            most = _REHEARSED if limit is None else min(_REHEARSED, limit)
            outcomes = Backfill(connection, one.repair, self.run_name, dry=True, follows=follows).run(one.sample[:most])
            self.rehearsed.append(DryRun(one, outcomes))
            self.listener.rehearsed(self.rehearsed[-1])
        self.stage = Stage.REHEARSED

    def _all(self, journal: Journal, repairs: Sequence[Repair]) -> None:
        for repair in repairs:
            if self._one(journal, repair):
                self.stage = Stage.STOPPED
                return
        if not self.unproven:
            journal.ended()
        self.stage = Stage.DONE

    def _one(self, journal: Journal, repair: Repair) -> bool:
        """Repair the rows of one invariant and count what is left; return whether it was stopped.

        Raises DatabaseError.
        """
        options, asked = self.prepared.options, self.asked
        watch = Stopwatch()
        work = bulk.Bulk(bulk.connecting(options.url), repair, journal, asked.pace, journal.run, jobs=asked.jobs)
        work.since, work.limit, work.timeout = asked.since, asked.limit, options.statement_timeout
        progress = work.progress
        try:
            with self.listener.running(work):
                work.run()
        except (SessionAuditError, KeyboardInterrupt):
            self.backfilled.append(Backfilled(repair=repair, progress=progress, seconds=watch.seconds))
            self.listener.invariant_failed(self.backfilled[-1])
            raise
        number: int | None = None
        sample: list[str] = []
        try:
            # Open a new connection: the others have been idle for long, and may have been closed.
            with closing(connect(options.url)) as connection:
                number, sample = bulk.left(
                    connection, repair, timeout=options.data_timeout, since=asked.since, final=True
                )
                if number:
                    work.unhelped(connection)
        except DatabaseError as error:
            progress.unproven = progress.unproven or f"{error.message.rstrip('.')}. {error.hint}".strip()
        self.backfilled.append(
            Backfilled(repair=repair, progress=progress, seconds=watch.seconds, left=number, sample=sample)
        )
        self.listener.invariant_ended(self.backfilled[-1], asked)
        return work.stop.is_set()
