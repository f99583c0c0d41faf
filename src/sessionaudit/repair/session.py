"""A plan is applied in rounds: what an audit shows after one is what the next begins with."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from sessionaudit.audits import runner
from sessionaudit.errors import RepairError, SessionAuditError
from sessionaudit.postgres.connection import connect
from sessionaudit.repair import apply as applying
from sessionaudit.repair import propose, way_back
from sessionaudit.repair.apply import Manner, StepOutcome

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable
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
    """Who is told of the rounds, and asked."""

    def agrees(self, proposal: Proposal, *, again: bool) -> bool:
        """Whether a plan may be applied; `again` tells that others were before it."""
        ...

    def refuses(self, proposal: Proposal) -> None:
        """Something forbids the whole plan."""

    def applies(self, proposal: Proposal) -> AbstractContextManager[applying.StepListener]:
        """A plan is applied in the block; gives who hears how that goes."""
        ...

    def leads_back(self, way: WayBack) -> None:
        """What the plan is about to change was written into a file."""

    def changed_nothing(self, way: WayBack) -> None:
        """Nothing was changed, so that the file was taken away."""


@dataclass(slots=True, kw_only=True)
class Session:
    """Applies a plan, audits again, and goes on as long as that shows more to do.

    `proposal` is the plan of the round that has come, `report` what the last audit says, `left` the findings that
    should be gone and are not, `records` what became of the steps of all rounds; they hold too when `run` raises.
    `declined` tells that a plan was not agreed to. `reviewed` tells that the first plan is a saved one: what an audit
    shows after that was not reviewed, and is not applied. `before` gives the file for the way back of a plan that is
    applied at a time; without it none is kept.
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

    def __post_init__(self) -> None:
        self.report = self.proposal.report

    def run(self) -> None:
        """Apply the plan and what follows from it. Raises RepairError where something forbids a plan as a whole."""
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
        """Whether a step was not made, but for rows in its way."""
        return any(record.outcome in _BROKEN for record in self.records)

    def _require_possible(self) -> None:
        if self.proposal.preflight.refusals:
            self.listener.refuses(self.proposal)
            raise RepairError(
                "not all steps could be run" if self.records else "the plan cannot be applied; nothing was changed",
                hint="Resolve the problems above, then run it again.",
            )

    def _applied(self) -> list[Record]:
        proposal, way = self.proposal, None
        if self.before and not proposal.done:
            way = way_back.begin(proposal, self.before)
            self.listener.leads_back(way)
        manner = replace(self.manner, repairs=proposal.repairs)
        try:
            with self.listener.applies(proposal) as listener:
                records = applying.apply(lambda: connect(self.url), proposal.plan, manner, listener)
        except SessionAuditError:
            if way and way_back.withdrawn(way):
                self.listener.changed_nothing(way)
            raise
        if way and not way_back.end(self.url, way):
            self.listener.changed_nothing(way)
        return records
