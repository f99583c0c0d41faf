"""List the formats of what roles may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.report.format import Format

if TYPE_CHECKING:
    from sessionaudit.audits.behaviour.access.session import AccessReport

TABLE: Format[AccessReport] = Format("table", "sessionaudit.report.formats.access.table")
FORMATS: tuple[Format[AccessReport], ...] = (TABLE, Format("json", "sessionaudit.report.formats.access.json_"))
