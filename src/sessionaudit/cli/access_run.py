"""What `sessionaudit access` does: it has the access examined, and prints the matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.behaviour.access.session import AccessReport, report_access
from sessionaudit.cli import check_run
from sessionaudit.contract.loader import load
from sessionaudit.postgres.connection import closing, connect

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.audits.behaviour.access.session import AccessPart
    from sessionaudit.core.finding import Severity
    from sessionaudit.postgres.connection import Url


def examined(url: Url, contract: Path, asked: AccessPart, timeout: float) -> AccessReport:
    """Return the matrix and the report. Raises SessionAuditError."""
    read = load(contract)
    with closing(connect(url)) as connection:
        return report_access(connection, read, asked, timeout=timeout)


def ended(found: AccessReport, output: Path | None, least: Severity | None, *, quiet: bool) -> int:
    """Say where the report is, and return the exit code."""
    if not quiet:
        check_run.tell(found.report, (output,) if output else ())
    return check_run.code(found.report, least)
