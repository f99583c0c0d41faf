"""List the formats of a report: one module for each, and one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.report.format import Format, P

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessionaudit.core.report import Report

_ROOM = "sessionaudit.report.formats"
TABLE: Format[Report] = Format("table", f"{_ROOM}.table", styled=True, has_plans=True, has_forest=True)
FORMATS: tuple[Format[Report], ...] = (
    TABLE,
    Format("json", f"{_ROOM}.json_", wants_fixes=True, has_plans=True),
    Format("sarif", f"{_ROOM}.sarif", has_links=True),
    Format("junit", f"{_ROOM}.junit"),
    Format("github", f"{_ROOM}.github"),
    Format("gitlab", f"{_ROOM}.gitlab"),
    Format("markdown", f"{_ROOM}.markdown", has_plans=True, has_forest=True, has_links=True),
    Format("html", f"{_ROOM}.html_.page", wants_fixes=True, has_plans=True, has_forest=True, has_links=True),
    Format("openmetrics", f"{_ROOM}.openmetrics"),
    Format("checklist", f"{_ROOM}.checklist", of_checklist=True, styled=True),
    Format("checklist-markdown", f"{_ROOM}.checklist_markdown", of_checklist=True),
)


def with_those_of_reports(table: Format[P], json: Format[P], report_of: Callable[[P], Report]) -> tuple[Format[P], ...]:
    """Return the formats of a page that has a report and more: its own two, and those that print the report alone."""
    others = (one for one in FORMATS if one.name not in {table.name, json.name} and not one.of_checklist)
    return (table, json, *(Format(one.name, one.module, has_links=one.has_links, part=report_of) for one in others))
