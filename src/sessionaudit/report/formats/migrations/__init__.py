"""List the formats of the migrations: those of their own page, and those of any report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.report import formats
from sessionaudit.report.format import Format

if TYPE_CHECKING:
    from sessionaudit.core.report import Report
    from sessionaudit.report.formats.migrations.content import MigrationsPage


def _report(page: MigrationsPage) -> Report:
    return page.found.report


TABLE: Format[MigrationsPage] = Format("table", "sessionaudit.report.formats.migrations.table", styled=True)
JSON: Format[MigrationsPage] = Format("json", "sessionaudit.report.formats.migrations.json_")
FORMATS: tuple[Format[MigrationsPage], ...] = formats.with_those_of_reports(TABLE, JSON, _report)
