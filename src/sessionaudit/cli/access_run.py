"""What `sessionaudit access` does: it has the access examined, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.audits.behaviour.access.session import AccessReport, report_access
from sessionaudit.cli import check_run
from sessionaudit.contract.loader import load
from sessionaudit.core.finding import Severity
from sessionaudit.postgres.connection import closing, connect

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.audits.behaviour.access.session import AccessPart
    from sessionaudit.cli.terminal.results import Printing
    from sessionaudit.postgres.connection import Url


def examined(url: Url, contract: Path, asked: AccessPart, timeout: float, least: Severity | None) -> AccessReport:
    """Return the matrix and the report, with advice where there is something to advise. Raises SessionAuditError."""
    read = load(contract)
    with closing(connect(url)) as connection:
        found = report_access(connection, read, asked, timeout=timeout)
    report = check_run.completed(found.report, least)
    if any(one.severity > Severity.NOTE for one in report.findings):
        from sessionaudit.repair.next_after_audit import advised_of

        report = advised_of(report, url, contract, timeout)
    return replace(found, report=report)


def ended(found: AccessReport, printing: Printing) -> int:
    """Print the matrix and what is wrong with it, and return the exit code. Raises UsageError."""
    printing.print(found, lambda: check_run.tell(found.report, printing.files))
    return check_run.code(found.report, found.report.failing)
