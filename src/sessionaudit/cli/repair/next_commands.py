"""Make the commands to type after a plan was shown or applied, with all options that the plan needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.cli.repair.afterwards import decided
from sessionaudit.cli.repair.call_again import applying, applying_saved, running
from sessionaudit.cli.repair.held_back import released
from sessionaudit.core.finding import Severity
from sessionaudit.core.report import read_on
from sessionaudit.repair.still_used import uses_to_see
from sessionaudit.report.formats.plan import SQL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.cli.repair.call import Call
    from sessionaudit.repair.propose import PlanOptions, Proposal


def commands(call: Call, asked: PlanOptions, proposal: Proposal) -> list[tuple[str, str]]:
    """The commands to type next, each with what stands before it."""
    return [*uses_to_see(proposal), *_next(call, asked, proposal)]


def _next(call: Call, asked: PlanOptions, proposal: Proposal) -> list[tuple[str, str]]:
    if proposal.preflight.refusals:
        return possible(call, asked, proposal)
    if call.files.save_plan and proposal.plan.steps:  # also where the same is in a script, for people to read
        return [("After reviewing it", applying_saved(call.files.save_plan))]
    if call.files.output and call.shown.format is SQL and proposal.plan.steps:
        return [("After reviewing it", running(call, call.files.output))]
    told = [("Next", applying(call))] if proposal.plan.steps else []
    return [*told, *released(call, asked, proposal), *decided(asked, proposal), *_by_hand(proposal)]


def possible(call: Call, asked: PlanOptions, proposal: Proposal) -> list[tuple[str, str]]:
    """The command that leaves out what the role may not repair, if there is something else."""
    names = (*asked.reading.ignore, *proposal.barred)
    ignoring = [word for name in names for word in ("--ignore", name)]
    return [("Without what they prevent", applying(call, ignore=ignoring))] if proposal.barred else []


def _by_hand(proposal: Proposal) -> Iterator[tuple[str, str]]:
    """Where it says what to do about errors that no step mends, now or after the others."""
    alone = (one.finding for one in proposal.plan.uncured if not (one.finding.subject and one.finding.subject.refused))
    yield from read_on(one.rule for one in alone if one.severity is Severity.ERROR)
