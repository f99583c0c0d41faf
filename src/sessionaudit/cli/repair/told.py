"""What came of `repair --apply`, told to people and to programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from sessionaudit.cli.repair import afterwards, held_back
from sessionaudit.cli.terminal.messages import say, say_command, say_page
from sessionaudit.cli.terminal.result import deliver
from sessionaudit.report import formats
from sessionaudit.report import plan as page
from sessionaudit.report.errors import spelled_error
from sessionaudit.report.formats.plan import SQL
from sessionaudit.report.formats.plan.content import PlanPage

if TYPE_CHECKING:
    from sessionaudit.cli.repair.call import Call
    from sessionaudit.errors import SessionAuditError
    from sessionaudit.repair.session import Session
    from sessionaudit.report import Canvas


def page_for_programs(call: Call, session: Session, sheet: Canvas, **more: Any) -> None:
    """Deliver the page of what was done, where the call asks for another one than SQL."""
    if call.shown.format is not SQL:
        told = PlanPage(proposal=session.proposal, records=session.records, **more)
        deliver(call.shown.format.render(told, sheet), call.files.output)


def error(call: Call, session: Session, ended: SessionAuditError, sheet: Canvas) -> None:
    """The same with what ended it."""
    if session.records:
        page_for_programs(call, session, sheet, error=spelled_error(ended)["error"])


def summary(session: Session, terminal: Canvas) -> None:
    """Tell of the steps that were done."""
    say_page(page.summary(session.records, terminal), colour=terminal.colour)


def end(call: Call, session: Session, terminal: Canvas, sheet: Canvas) -> None:
    """Tell what was done and what is left."""
    proposal, quiet = session.proposal, call.shown.quiet
    report = replace(session.report, next=(), repaired=session.repaired)
    if not quiet and session.records:
        summary(session, terminal)
        if call.shown.format is SQL:
            # Steps that another repair could do are printed below, with the options that they need.
            deliver(formats.TABLE.render(report, sheet), call.files.output, colour=sheet.colour)
    elif not quiet and not proposal.plan.steps:
        say_page(page.table(proposal, terminal), colour=terminal.colour)
    if not quiet and proposal.plan.held:
        say_page(held_back.left(call, session.options, proposal, terminal))
    for before, line in () if quiet else afterwards.commands(call, session):
        say_command(before, line)
    for finding in () if session.broken else session.left:
        say(f"still there: {finding.message}")
