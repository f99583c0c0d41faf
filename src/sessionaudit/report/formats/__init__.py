"""List the formats of a report: one module for each, and one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.report.format import Format

if TYPE_CHECKING:
    from sessionaudit.core.report import Report

_ROOM = "sessionaudit.report.formats"
TABLE: Format[Report] = Format("table", f"{_ROOM}.table", styled=True, has_plans=True, has_forest=True)
FORMATS: tuple[Format[Report], ...] = (
    TABLE,
    Format("json", f"{_ROOM}.json_", wants_fixes=True, has_plans=True),
    Format("sarif", f"{_ROOM}.sarif"),
    Format("junit", f"{_ROOM}.junit"),
    Format("github", f"{_ROOM}.github"),
    Format("gitlab", f"{_ROOM}.gitlab"),
    Format("markdown", f"{_ROOM}.markdown", has_plans=True, has_forest=True),
    Format("html", f"{_ROOM}.html_.page", wants_fixes=True, has_plans=True, has_forest=True),
    Format("openmetrics", f"{_ROOM}.openmetrics"),
    Format("checklist", f"{_ROOM}.checklist", of_checklist=True, styled=True),
    Format("checklist-markdown", f"{_ROOM}.checklist_markdown", of_checklist=True),
)
