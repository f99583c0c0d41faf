"""List the formats of the pages of a backfill."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.report.format import Format

if TYPE_CHECKING:
    from sessionaudit.report.formats.backfill.content import BackfillPage

TABLE: Format[BackfillPage] = Format("table", "sessionaudit.report.formats.backfill.table")
JSON: Format[BackfillPage] = Format("json", "sessionaudit.report.formats.backfill.json_")
FORMATS: tuple[Format[BackfillPage], ...] = (TABLE, JSON)
