"""Report the result of a repair: to people, to programs, and as an exit code."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sessionaudit.cli import repair_next
from sessionaudit.cli.outcome import canvas, deliver, say, say_page, spelled_error
from sessionaudit.errors import EXIT_CLEAN, EXIT_DATABASE, EXIT_FINDINGS, EXIT_REPAIR, SessionAuditError
from sessionaudit.repair.apply import InterruptedRepairError
from sessionaudit.report import formats
from sessionaudit.report import plan as page
from sessionaudit.report.formats.plan import SQL, PlanPage

if TYPE_CHECKING:
    from sessionaudit.cli.repair_call import Call
    from sessionaudit.repair.session import Session
    from sessionaudit.report import Canvas


def run(call: Call, session: Session, terminal: Canvas) -> int:
    """Apply, report the result, and return the exit code.

    After an error, the steps done before it are reported too.
    """
    sheet = canvas(no_color=call.no_color, output=call.output)
    try:
        session.run()
        if call.format is not SQL:
            left = [finding.message for finding in session.left]
            applied = PlanPage(proposal=session.proposal, records=session.records, left=left)
            deliver(call.format.render(applied, sheet), call.output)
        return _end(call, session, terminal, sheet)
    except SessionAuditError as error:
        if session.records and not isinstance(error, InterruptedRepairError):
            say_page(page.summary(session.records, terminal), colour=terminal.colour)
            error.hint = f"{error.hint} The steps above were done before that.".strip()
        if session.records and call.format is not SQL:
            why = spelled_error(error)["error"]
            ended = PlanPage(proposal=session.proposal, records=session.records, error=why)
            deliver(call.format.render(ended, sheet), call.output)
        raise


def _end(call: Call, session: Session, terminal: Canvas, sheet: Canvas) -> int:
    """Print what was done and what is left."""
    proposal, report = session.proposal, session.report
    if not call.quiet and session.records:
        say_page(page.summary(session.records, terminal), colour=terminal.colour)
        if call.format is SQL:
            # Steps that another repair could do are printed below, with the options that they need.
            deliver(formats.TABLE.render(replace(report, next=()), sheet), call.output, colour=sheet.colour)
    elif not call.quiet and not proposal.plan.steps:
        say_page(page.table(proposal, terminal), colour=terminal.colour)
    if not call.quiet and proposal.plan.held:
        hazards, by_data = repair_next.missing(session.options, proposal)
        add = repair_next.words(() if call.plan else hazards, with_data=by_data)
        told = repair_next.released(call, session.options, proposal)
        say_page(page.left(len(proposal.plan.held), " ".join(add), told, terminal))
    for finding in () if session.broken else session.left:
        say(f"still there: {finding.message}")
    if session.broken or session.left:
        return EXIT_REPAIR
    grave = call.fail_on is not None and any(finding.severity >= call.fail_on for finding in report.findings)
    if session.declined or grave:
        return EXIT_FINDINGS
    return EXIT_DATABASE if report.skipped else EXIT_CLEAN
