"""List the formats of the page of an undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.report.format import Format

if TYPE_CHECKING:
    from sessionaudit.report.formats.undo.content import UndoPage

TABLE: Format[UndoPage] = Format("table", "sessionaudit.report.formats.undo.table")
FORMATS: tuple[Format[UndoPage], ...] = (TABLE, Format("json", "sessionaudit.report.formats.undo.json_"))
