"""What `sessionaudit access` does: it has the access examined, and prints the matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.behaviour.access.session import AccessReport, report_access
from sessionaudit.cli import check_run
from sessionaudit.cli.terminal.canvas import canvas
from sessionaudit.cli.terminal.result import deliver
from sessionaudit.contract.loader import load
from sessionaudit.postgres.connection import closing, connect

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.audits.behaviour.access.session import AccessPart
    from sessionaudit.cli.options.formats import PageFormat
    from sessionaudit.core.finding import Severity
    from sessionaudit.postgres.connection import Url


def examined(url: Url, contract: Path, asked: AccessPart, timeout: float) -> AccessReport:
    """Return the matrix and the report. Raises SessionAuditError."""
    read = load(contract)
    with closing(connect(url)) as connection:
        return report_access(connection, read, asked, timeout=timeout)


def print_matrix(
    found: AccessReport, format_: PageFormat, output: Path | None, *, no_color: bool, verbose: bool
) -> None:
    """Print it on stdout, or into a file."""
    page = canvas(no_color=no_color, verbose=verbose, output=output)
    deliver(format_.render(found, page), output, colour=page.colour)


def ended(found: AccessReport, output: Path | None, least: Severity | None, *, quiet: bool) -> int:
    """Say where the report is, and return the exit code."""
    if not quiet:
        check_run.tell(found.report, (output,) if output else ())
    return check_run.code(found.report, least)
