"""List the formats of a diagnosis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.report.format import Format

if TYPE_CHECKING:
    from sessionaudit.doctor.diagnosis import Diagnosis

TABLE: Format[Diagnosis] = Format("table", "sessionaudit.report.formats.doctor.table")
FORMATS: tuple[Format[Diagnosis], ...] = (TABLE, Format("json", "sessionaudit.report.formats.doctor.json_"))
