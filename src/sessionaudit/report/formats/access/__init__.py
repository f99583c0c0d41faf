"""List the formats of what roles may do: those of the matrix, and those of any report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.report import formats
from sessionaudit.report.format import Format

if TYPE_CHECKING:
    from sessionaudit.audits.behaviour.access.session import AccessReport
    from sessionaudit.core.report import Report


def _report(page: AccessReport) -> Report:
    return page.report


TABLE: Format[AccessReport] = Format("table", "sessionaudit.report.formats.access.table", styled=True)
JSON: Format[AccessReport] = Format("json", "sessionaudit.report.formats.access.json_")
FORMATS: tuple[Format[AccessReport], ...] = formats.with_those_of_reports(TABLE, JSON, _report)
