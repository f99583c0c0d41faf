"""List the formats of a plan: one module for each, and one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.report.format import Format

if TYPE_CHECKING:
    from sessionaudit.report.formats.plan.content import PlanPage

SQL: Format[PlanPage] = Format("sql", "sessionaudit.report.formats.plan.sql")
FORMATS: tuple[Format[PlanPage], ...] = (
    SQL,
    Format("json", "sessionaudit.report.formats.plan.json_"),
)
