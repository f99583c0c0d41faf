"""Run `sessionaudit repair`: make or load a plan, and save, print or apply it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from sessionaudit.backfill.journal import state_directory
from sessionaudit.cli import repair_next, repair_outcome
from sessionaudit.cli.long_running import collect_again
from sessionaudit.cli.outcome import canvas, deliver, say_page
from sessionaudit.cli.progress import Rounds
from sessionaudit.core.changes import CHANGES
from sessionaudit.errors import EXIT_CLEAN, EXIT_DATABASE
from sessionaudit.repair import propose, saved_plan, saved_proposal
from sessionaudit.repair.session import Session
from sessionaudit.report import plan as page
from sessionaudit.report.formats.plan import SQL, PlanPage
from sessionaudit.writing import replace_file, require_writable

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from sessionaudit.cli.repair_call import Call
    from sessionaudit.repair.apply import Manner
    from sessionaudit.repair.propose import Options, Proposal
    from sessionaudit.report import Canvas


def run(call: Call, asked: Options, manner: Manner) -> int:
    """Make the plan, save, print or apply it, and return the exit code."""
    if call.plan:
        proposal = saved_proposal.recall(call.url, call.contract, asked, saved_plan.load(call.plan))
    else:
        proposal = propose.propose(call.url, call.contract, asked)
    terminal = canvas(no_color=call.no_color, stream=sys.stderr)
    if call.save_plan:
        replace_file(call.save_plan, saved_proposal.dump(proposal, call.contract))
    if not call.apply:
        return _print(call, asked, proposal, terminal)
    require_writable(call.output)
    require_writable(call.before, "--before")
    CHANGES.advice = "Run the same command again to resume."
    session = Session(
        url=call.url,
        contract=call.contract,
        options=asked,
        proposal=proposal,
        listener=Rounds(terminal, log=call.log, yes=call.yes, quiet=call.quiet),
        manner=manner,
        reviewed=call.plan is not None,
        before=lambda stamp: _way_back(call, stamp),
    )
    collect_again()
    return repair_outcome.run(call, session, terminal)


def _way_back(call: Call, stamp: dt.datetime) -> Path:
    if call.before:
        return call.before
    if call.log:
        return call.log.with_name(f"{call.log.name}.before.yaml")
    return state_directory.ready("the way back", "--before") / f"{stamp:%Y%m%dT%H%M%SZ}.before.yaml"


def _print(call: Call, asked: Options, proposal: Proposal, terminal: Canvas) -> int:
    """Print the plan in its format, and a summary on stderr."""
    sheet = canvas(no_color=call.no_color, output=call.output)
    text = call.format.render(PlanPage(proposal=proposal, transactional=call.transactional), sheet)
    if not call.quiet:
        told = repair_next.commands(call, asked, proposal)
        say_page(page.table(proposal, terminal, told=told), colour=terminal.colour)
    if call.output or not call.save_plan or call.format is not SQL:
        deliver(text, call.output)
    return EXIT_DATABASE if proposal.report.skipped else EXIT_CLEAN
