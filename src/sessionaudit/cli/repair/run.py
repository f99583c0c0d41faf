"""Run `sessionaudit repair`: make or load a plan, and save, print or apply it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from sessionaudit.cli.repair import applied, next_commands, replacements
from sessionaudit.cli.repair.session import session_of
from sessionaudit.cli.terminal.canvas import canvas
from sessionaudit.cli.terminal.messages import say_page
from sessionaudit.cli.terminal.result import deliver
from sessionaudit.cli.terminal.stdout import seen_together
from sessionaudit.errors import EXIT_CLEAN, EXIT_DATABASE
from sessionaudit.repair import propose, saved_plan, saved_proposal
from sessionaudit.report import plan as page
from sessionaudit.report.formats.plan.content import PlanPage
from sessionaudit.writing import replace_file, require_replaceable

if TYPE_CHECKING:
    from sessionaudit.cli.repair.call import Call
    from sessionaudit.repair.apply import Manner
    from sessionaudit.repair.propose import PlanOptions, Proposal
    from sessionaudit.report import Canvas


def run(call: Call, asked: PlanOptions, manner: Manner) -> int:
    """Make the plan and do with it what the call says; gives the exit code. Raises SessionAuditError."""
    files = call.files
    files.require_apart()
    if files.plan:
        proposal = saved_proposal.recall(call.url, call.contract, asked, saved_plan.load(files.plan))
    else:
        proposal = propose.propose(call.url, call.contract, asked)
        replacements.warn(call, asked, proposal)
    terminal = canvas(no_color=call.shown.no_color, stream=sys.stderr)
    if files.save_plan:
        require_replaceable(files.save_plan, "--save-plan")
        replace_file(files.save_plan, saved_proposal.dump(proposal, call.contract), "--save-plan")
    if call.apply:
        return applied.run(call, session_of(call, asked, proposal, manner, terminal), terminal)
    return _print(call, asked, proposal, terminal)


def _print(call: Call, asked: PlanOptions, proposal: Proposal, terminal: Canvas) -> int:
    """Print the plan in its format, and a summary on stderr."""
    output = call.files.output
    sheet = canvas(no_color=call.shown.no_color, output=output)
    text = call.shown.format.render(PlanPage(proposal=proposal, transactional=call.shown.transactional), sheet)
    told = () if call.shown.quiet else next_commands.commands(call, asked, proposal)
    parts = () if call.shown.quiet else (page.details(proposal, terminal), page.ending(proposal, terminal, told=told))
    together = output is None and seen_together()  # then what comes next stands below the SQL, and not far above it
    before, after = (parts[:1], parts[1:]) if together else (parts, ())
    if before:
        say_page("".join(before), colour=terminal.colour)
    deliver(text, output)
    if after:
        say_page("".join(after), colour=terminal.colour)
    return EXIT_DATABASE if proposal.report.unchecked else EXIT_CLEAN
