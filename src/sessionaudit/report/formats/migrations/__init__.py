"""List the formats of the migrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.report.format import Format

if TYPE_CHECKING:
    from sessionaudit.report.formats.migrations.content import MigrationsPage

TABLE: Format[MigrationsPage] = Format("table", "sessionaudit.report.formats.migrations.table")
FORMATS: tuple[Format[MigrationsPage], ...] = (
    TABLE,
    Format("json", "sessionaudit.report.formats.migrations.json_"),
)
