"""Make the commands to type after a plan was shown or applied, with all options that the plan needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.cli.repair.call_again import applying, applying_saved, running
from sessionaudit.core.visible import option_path
from sessionaudit.repair.permission import releasing, words
from sessionaudit.report import plan as page
from sessionaudit.report.formats.plan import SQL

if TYPE_CHECKING:
    from sessionaudit.cli.repair.call import Call
    from sessionaudit.repair.propose import PlanOptions, Proposal
    from sessionaudit.report import Canvas


def commands(call: Call, asked: PlanOptions, proposal: Proposal) -> list[tuple[str, str]]:
    """The commands to type next, each with what stands before it."""
    if proposal.preflight.refusals:
        return possible(call, asked, proposal)
    if call.files.save_plan and proposal.plan.steps:  # also where the same is in a script, for people to read
        return [("After reviewing it", applying_saved(call.files.save_plan))]
    if call.files.output and call.shown.format is SQL and proposal.plan.steps:
        return [("After reviewing it", running(call, call.files.output))]
    told = [("Next", applying(call))] if proposal.plan.steps else []
    return [*told, *_released(call, asked, proposal)]


def possible(call: Call, asked: PlanOptions, proposal: Proposal) -> list[tuple[str, str]]:
    """The command that leaves out what the role may not repair, if there is something else."""
    names = (*asked.reading.ignore, *proposal.barred)
    ignoring = [word for name in names for word in ("--ignore", name)]
    return [("Without what they prevent", applying(call, ignore=ignoring))] if proposal.barred else []


def left(call: Call, asked: PlanOptions, proposal: Proposal, terminal: Canvas) -> str:
    """How many steps are held back, and the command that includes them."""
    hazards, by_data = releasing(proposal.plan.held, allowed=asked.allowed, with_data=asked.with_data)
    add = words(() if call.files.plan else hazards, with_data=by_data)
    return page.left(len(proposal.plan.held), " ".join(add), _released(call, asked, proposal), terminal)


def _released(call: Call, asked: PlanOptions, proposal: Proposal) -> list[tuple[str, str]]:
    """Return the command that also runs the held-back steps, if options can let them run."""
    hazards, by_data = releasing(proposal.plan.held, allowed=asked.allowed, with_data=asked.with_data)
    if not hazards and not by_data:
        return []
    again = applying(
        call,
        allow=words(sorted({*hazards, *asked.allowed}), with_data=False),
        with_data=words((), with_data=by_data or asked.with_data),
        # A saved plan includes its allowed hazards; to allow more, a new plan is needed.
        plan=["--plan", option_path(call.files.plan)] if call.files.plan and not hazards else [],
    )
    return [("To include the steps held back", again)]
