"""Tell whether a call looked for what a baseline has."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sessionaudit.core.baseline import Baseline, BaselineEntry
    from sessionaudit.core.report import Report


def was_looked_for(entry: BaselineEntry, baseline: Baseline, report: Report) -> bool:
    """Whether a report would have the finding of an entry if it were still there."""
    everything = not report.selected or report.selected == baseline.options
    return everything and report.is_complete(entry.audit, entry.rule, entry.object)
