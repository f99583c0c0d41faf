"""What `sessionaudit access` does: it has the access examined, and prints the matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.audits.behaviour.access.session import AccessReport, report_access
from sessionaudit.cli import check_run
from sessionaudit.contract.loader import load
from sessionaudit.postgres.connection import closing, connect

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.audits.behaviour.access.session import AccessPart
    from sessionaudit.cli.terminal.results import Printing
    from sessionaudit.core.finding import Severity
    from sessionaudit.postgres.connection import Url


def examined(url: Url, contract: Path, asked: AccessPart, timeout: float) -> AccessReport:
    """Return the matrix and the report. Raises SessionAuditError."""
    read = load(contract)
    with closing(connect(url)) as connection:
        return report_access(connection, read, asked, timeout=timeout)


def ended(found: AccessReport, printing: Printing, least: Severity | None) -> int:
    """Print the matrix, say where it is, and return the exit code."""
    found = replace(found, report=check_run.completed(found.report, least))
    printing.print(found)
    if not printing.quiet:
        check_run.tell(found.report, printing.files)
    return check_run.code(found.report, least)
