"""`sessionaudit repair --apply`: the session is run, and what came of it is told, whatever ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.cli.long_running import collect_again
from sessionaudit.cli.repair import told
from sessionaudit.cli.terminal.canvas import canvas
from sessionaudit.errors import EXIT_CLEAN, EXIT_DATABASE, EXIT_FINDINGS, EXIT_REPAIR, SessionAuditError
from sessionaudit.repair.apply import InterruptedRepairError

if TYPE_CHECKING:
    from sessionaudit.cli.repair.call import Call
    from sessionaudit.repair.session import Session
    from sessionaudit.report import Canvas


def run(call: Call, session: Session, terminal: Canvas) -> int:
    """Apply the plan, and return the exit code. Raises SessionAuditError."""
    collect_again()
    sheet = canvas(no_color=call.shown.no_color, output=call.files.output)
    try:
        session.run()
        told.page_for_programs(call, session, sheet, left=[finding.message for finding in session.left])
        told.end(call, session, terminal, sheet)
    except SessionAuditError as error:
        if session.records and not isinstance(error, InterruptedRepairError):
            told.summary(session, terminal)
            error.hint = f"{error.hint} The steps above were done before that.".strip()
        told.error(call, session, error, sheet)
        raise
    return _code(call, session)


def _code(call: Call, session: Session) -> int:
    if session.broken or session.left:
        return EXIT_REPAIR
    findings = session.report.findings
    grave = call.fail_on is not None and any(finding.severity >= call.fail_on for finding in findings)
    if session.declined or grave:
        return EXIT_FINDINGS
    return EXIT_DATABASE if session.report.unchecked else EXIT_CLEAN
