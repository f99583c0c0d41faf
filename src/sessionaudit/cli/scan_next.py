"""What comes after a scan: correct the code, or what the code is right to expect of the database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.core.finding import Severity
from sessionaudit.core.report import after_correcting

if TYPE_CHECKING:
    from sessionaudit.core.report import Report
    from sessionaudit.postgres.connection import Url


def advised(report: Report, url: Url, timeout: float) -> Report:
    """Return the report with what comes next, by the contract if the code was judged by a live database.

    `timeout` is in seconds.
    """
    first = next((one for one in report.findings if one.severity > Severity.NOTE), None)
    if first is None:
        return report
    if report.database is None or not report.contract:
        return replace(report, by_hand=tuple(after_correcting(first)))
    from sessionaudit.repair.next_after_audit import advised_of

    return advised_of(report, url, Path(report.contract), timeout)
