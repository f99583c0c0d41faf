"""List the formats of what differs between two reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.report.format import Format

if TYPE_CHECKING:
    from sessionaudit.core.difference import ReportDifference

_ROOM = "sessionaudit.report.formats.difference"
FORMATS: tuple[Format[ReportDifference], ...] = (
    Format("table", f"{_ROOM}.table", styled=True),
    Format("json", f"{_ROOM}.json_"),
    Format("markdown", f"{_ROOM}.markdown"),
)
