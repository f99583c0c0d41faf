"""List the formats for rows that violate invariants, printed as they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.report.format import StreamedFormat

if TYPE_CHECKING:
    from sessionaudit.report.formats.broken_rows.writer import Writer

TABLE: StreamedFormat[Writer] = StreamedFormat("table", "sessionaudit.report.formats.broken_rows.table")
FORMATS: tuple[StreamedFormat[Writer], ...] = (
    TABLE,
    StreamedFormat("csv", "sessionaudit.report.formats.broken_rows.csv_"),
    StreamedFormat("jsonl", "sessionaudit.report.formats.broken_rows.jsonl"),
    StreamedFormat("json", "sessionaudit.report.formats.broken_rows.json_"),
)
