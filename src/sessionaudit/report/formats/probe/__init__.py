"""List the formats of a probe: those of its own page, and those of any report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.report import formats
from sessionaudit.report.format import Format

if TYPE_CHECKING:
    from sessionaudit.core.report import Report
    from sessionaudit.report.formats.probe.content import ProbePage


def _report(page: ProbePage) -> Report:
    return page.found.report


TABLE: Format[ProbePage] = Format("table", "sessionaudit.report.formats.probe.table", styled=True)
JSON: Format[ProbePage] = Format("json", "sessionaudit.report.formats.probe.json_")
FORMATS: tuple[Format[ProbePage], ...] = formats.with_those_of_reports(TABLE, JSON, _report)
