"""List the formats of a report: one module for each, and one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.report.format import Format

if TYPE_CHECKING:
    from sessionaudit.core.report import Report

TABLE: Format[Report] = Format("table", "sessionaudit.report.formats.table")
FORMATS: tuple[Format[Report], ...] = (
    TABLE,
    Format("json", "sessionaudit.report.formats.json_", wants_fixes=True),
    Format("checklist", "sessionaudit.report.formats.checklist", of_checklist=True),
    Format("checklist-markdown", "sessionaudit.report.formats.checklist_markdown", of_checklist=True),
)
