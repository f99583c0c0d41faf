"""List the formats of the stories of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.report.format import Format

if TYPE_CHECKING:
    from sessionaudit.report.formats.story.content import StoriesPage

TABLE: Format[StoriesPage] = Format("table", "sessionaudit.report.formats.story.table")
FORMATS: tuple[Format[StoriesPage], ...] = (TABLE, Format("json", "sessionaudit.report.formats.story.json_"))
