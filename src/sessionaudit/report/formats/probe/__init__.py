"""List the formats of a probe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.report.format import Format

if TYPE_CHECKING:
    from sessionaudit.report.formats.probe.content import ProbePage

TABLE: Format[ProbePage] = Format("table", "sessionaudit.report.formats.probe.table")
FORMATS: tuple[Format[ProbePage], ...] = (
    TABLE,
    Format("json", "sessionaudit.report.formats.probe.json_"),
)
