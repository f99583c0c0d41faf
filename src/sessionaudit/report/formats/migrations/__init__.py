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


def _of_report(one: Format[Report]) -> Format[MigrationsPage]:
    """Make a format of reports one of migrations: it prints what was found, without the list of them."""
    return Format(one.name, one.module, part=_report)


TABLE: Format[MigrationsPage] = Format("table", "sessionaudit.report.formats.migrations.table", styled=True)
JSON: Format[MigrationsPage] = Format("json", "sessionaudit.report.formats.migrations.json_")
FORMATS: tuple[Format[MigrationsPage], ...] = (
    TABLE,
    JSON,
    *(_of_report(one) for one in formats.FORMATS if one.name not in {TABLE.name, JSON.name} and not one.of_checklist),
)
