"""Run a backfill of given ids: audit the schema, open the journal, report one outcome for each id."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct, field

from sessionaudit.audits import AUDITS, runner
from sessionaudit.audits.audit import Options
from sessionaudit.audits.data import prerequisites, selected_invariants
from sessionaudit.audits.data.violations import why_not
from sessionaudit.backfill import row_repair
from sessionaudit.backfill.by_id import Backfill, Patience
from sessionaudit.backfill.give_way import Ending
from sessionaudit.backfill.journal import opening
from sessionaudit.backfill.journal.opening import JournalListener, run_name
from sessionaudit.backfill.row_outcome import RowOutcome, RowState
from sessionaudit.postgres.connection import closing, connect

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sessionaudit.backfill.journal.writing import Journal
    from sessionaudit.backfill.row_changes import Batch
    from sessionaudit.contract.invariants import Invariant
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.finding import Finding
    from sessionaudit.postgres.connection import Url


class BackfillOptions(Struct, frozen=True, kw_only=True):
    """The options of a backfill; timeouts are in seconds. With `dry` everything is rolled back."""

    url: Url
    contract: Path
    invariant: str | None = None
    dry: bool = False
    keep_older: bool = False
    journal: Path | None = None
    statement_timeout: float = 30
    data_timeout: float = 60


class Prepared(Struct, frozen=True, kw_only=True):
    """The invariants to repair, after the check that the schema is what their repairs need; and its findings."""

    options: BackfillOptions
    contract: Contract
    invariants: tuple[Invariant, ...]
    findings: tuple[Finding, ...]


def prepare(options: BackfillOptions, *, all_: bool = False) -> Prepared:
    """Read the contract and audit the schema; with `all_`, for every invariant that has a repair.

    Raises SessionAuditError, also if the schema is not what the repairs need.
    """
    asked = Options(statement_timeout=options.statement_timeout, without=AUDITS[1:])
    examined = runner.examine(options.url, options.contract, asked)
    contract, report = examined.contract, examined.report
    chosen = (
        selected_invariants.repairable(contract, options.invariant)
        if all_
        else (selected_invariants.usual(contract, options.invariant),)
    )
    found = (*report.findings, *(finding for finding, _ in report.waived))
    prerequisites.require(contract, chosen, found, report.skipped, keep_older=options.keep_older)
    return Prepared(options=options, contract=contract, invariants=chosen, findings=found)


class BackfillListener(JournalListener, Protocol):
    """Receives the progress of a backfill by ids."""

    def looked_back(self, ending: Ending) -> None:
        """The rows of an interrupted run were checked; `ending` has the result."""


class BackfillSession(Struct):
    """One run over ids; `outcomes` has the outcomes of the finished ids, also if the run ends with an error."""

    prepared: Prepared
    listener: BackfillListener
    run_name: str = field(default_factory=run_name)
    outcomes: list[RowOutcome] = field(default_factory=list[RowOutcome])
    journal: Journal | None = None
    _ending: Ending | None = None

    @property
    def invariant(self) -> Invariant:
        """The invariant whose rows are repaired."""
        return self.prepared.invariants[0]

    @property
    def undecided(self) -> tuple[Invariant, ...]:
        """The invariant, if a person must decide about some row."""
        return (self.invariant,) if any(one.undecided for one in self.outcomes) else ()

    @property
    def unproven(self) -> bool:
        """Whether some outcome could not be verified."""
        return self._any_unproven or (self._ending is not None and bool(self._ending.unproven))

    @property
    def fine(self) -> bool:
        """Whether every row satisfies the invariant now, and no row of an earlier run exists twice."""
        doubled = self._ending is not None and bool(self._ending.doubled)
        return all(one.state.fine for one in self.outcomes) and not doubled

    def run(self, ids: Sequence[str]) -> None:
        """Repair the rows. Raises SessionAuditError; committed changes stay, and are in the journal."""
        options, contract, invariant = self.prepared.options, self.prepared.contract, self.invariant
        with contextlib.ExitStack() as stack:
            connection = stack.enter_context(closing(connect(options.url)))
            repair = row_repair.load(connection, contract, invariant, keep_older=options.keep_older)
            filling = Backfill(
                connection,
                repair,
                self.run_name,
                dry=options.dry,
                patience=Patience(statement=options.statement_timeout),
                tell=self.outcomes.append,
                explain=lambda sql: why_not(sql, invariant.each, contract, self.prepared.findings),
            )
            if not options.dry:
                about = opening.described(connection, contract, [invariant.name])
                begun = opening.unfinished(options.journal, about, self.listener, tell_others=False)
                journal = stack.enter_context(
                    opening.opened(options.journal, connection, self.run_name, about, self.listener, begun=begun)
                )
                self.journal = journal
                self._ending = Ending(repair, journal, self.run_name, threading.Event())
                self._ending.look_back(connection)
                self.listener.looked_back(self._ending)
                filling.journal = _noting(journal, invariant.name)
            filling.run(ids)
            if self._ending is not None and self._ending.journal.tells and not self._any_unproven:
                self._ending.end(connection)

    @property
    def _any_unproven(self) -> bool:
        return any(one.state is RowState.UNPROVEN for one in self.outcomes)


def _noting(journal: Journal, invariant: str) -> Callable[[Batch], Callable[[], None]]:
    return lambda batch: journal.begin(invariant, batch)
