"""Apply a plan in rounds: each round begins with the audit after the one before."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace

from sessionaudit.audits import runner
from sessionaudit.errors import RepairError, SessionAuditError
from sessionaudit.postgres.connection import connect
from sessionaudit.repair import apply as applying
from sessionaudit.repair import propose, way_back
from sessionaudit.repair.apply import Manner, StepOutcome

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sessionaudit.core.finding import Finding
    from sessionaudit.core.report import Report
    from sessionaudit.postgres.connection import Url
    from sessionaudit.repair.apply import Record
    from sessionaudit.repair.propose import PlanOptions, Proposal
    from sessionaudit.repair.way_back import WayBack

ROUNDS = 5
_ENDS = frozenset({StepOutcome.FAILED, StepOutcome.IN_DOUBT})
_BROKEN = _ENDS | {StepOutcome.NOT_REACHED}


class RoundListener(Protocol):
    """Receives the progress of the rounds, and is asked for confirmation."""

    def agrees(self, proposal: Proposal, *, again: bool) -> bool:
        """Return whether to apply a plan; `again` says that it is not the first one."""
        ...

    def refuses(self, proposal: Proposal) -> None:
        """The whole plan is refused."""

    def applies(self, proposal: Proposal) -> AbstractContextManager[applying.StepListener]:
        """Return a context manager around applying a plan; it yields the listener for its progress."""
        ...

    def tells_of_way_back(self, lines: Sequence[str]) -> None:
        """The current state of the objects that the plan changes was written to a file; or there is more about it."""

    def goes_back_by(self, command: str) -> None:
        """Steps were applied; this command leads back, or shows how if that is not known."""

    def changed_nothing(self, way: WayBack) -> None:
        """Nothing was changed, so the file was deleted."""


@dataclass(slots=True, kw_only=True)
class Session:
    """Applies a plan, audits again, and repeats this as long as the audit shows more to do.

    `proposal` is the plan of the current round, `report` the last audit, `left` the findings that should be gone and
    are not, `records` the outcomes of the steps of all rounds; they are valid also if `run` raises. `declined` says
    that a plan was not confirmed. `reviewed` says that the first plan is a saved one; plans of later rounds were not
    reviewed, and are not applied. `before` returns the file for the way back, for the time at which a plan is applied;
    without it none is written. `way` is that file, one for all rounds.
    """

    url: Url
    contract: Path
    options: PlanOptions
    proposal: Proposal
    listener: RoundListener
    manner: Manner = field(default_factory=Manner)
    reviewed: bool = False
    before: Callable[[dt.datetime], Path] | None = None
    records: list[Record] = field(default_factory=list["Record"])
    report: Report = field(init=False)
    left: tuple[Finding, ...] = ()
    declined: bool = False
    way: WayBack | None = None

    def __post_init__(self) -> None:
        self.report = self.proposal.report

    def run(self) -> None:
        """Apply the plan and those of later rounds. Raises RepairError if a plan is refused as a whole."""
        try:
            self._run()
        except SessionAuditError:
            if self.way and way_back.withdrawn(self.way):
                self.listener.changed_nothing(self.way)
            elif self.way:
                self.listener.goes_back_by(self.way.command())
            raise
        if self.way:
            command, more = way_back.end(self.url, self.way, self.options)
            if command:
                self.listener.tells_of_way_back(more)
                self.listener.goes_back_by(command)
            else:
                self.listener.changed_nothing(self.way)

    def _run(self) -> None:
        tried = set[tuple[str, ...]]()
        for _ in range(ROUNDS):
            plan = self.proposal.plan
            self._require_possible()
            statements = tuple(statement for step in plan.steps for statement in step.sql)
            if not statements or statements in tried:
                return
            if not self.listener.agrees(self.proposal, again=bool(self.records)):
                self.declined = True
                return
            tried.add(statements)
            records = self._applied()
            self.records += records
            ends = self.reviewed or any(record.outcome in _ENDS for record in records)
            if ends:
                self.report = runner.run(self.url, self.contract, self.options.of_schema)
            else:
                self.proposal = propose.propose(self.url, self.contract, self.options)
                self.report = self.proposal.report
            promised = {finding.fingerprint for finding in plan.promised}
            self.left = tuple(one for one in self.report.findings if one.fingerprint in promised)
            if ends:
                return

    @property
    def broken(self) -> bool:
        """Whether a step failed or was not applied for a reason other than rows that block it."""
        return any(record.outcome in _BROKEN for record in self.records)

    @property
    def repaired(self) -> bool:
        """Whether steps were applied, and what they repair is no longer found."""
        return bool(self.records) and not self.broken and not self.left

    def _require_possible(self) -> None:
        if self.proposal.preflight.refusals:
            self.listener.refuses(self.proposal)
            raise RepairError(
                "not all steps could be run" if self.records else "the plan cannot be applied; nothing was changed",
                hint="Resolve the problems above, then run it again.",
            )

    def _applied(self) -> list[Record]:
        proposal = self.proposal
        if self.way:
            told = len(self.way.told)
            self.way = way_back.go_on(self.url, self.way, proposal, self.options)
            self.listener.tells_of_way_back(self.way.told[told:])
        elif self.before and not proposal.done:
            self.way = way_back.begin(self.url, proposal, self.before, self.options)
            self.listener.tells_of_way_back(self.way.told)
        manner = replace(self.manner, repairs=proposal.repairs)
        with self.listener.applies(proposal) as listener:
            return applying.apply(lambda: connect(self.url), proposal.plan, manner, listener)
