"""Print what differs between two reports as one JSON object, as `schemas/difference.schema.json` describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.difference import FAILING, FindingChange
from sessionaudit.core.visible import spelled_json
from sessionaudit.report.difference_sentences import remarks
from sessionaudit.report.formats.json_ import spelled_finding
from sessionaudit.report.saved.spelling import NEVER

if TYPE_CHECKING:
    from sessionaudit.core.difference import ChangedFinding, ReportDifference
    from sessionaudit.core.report import Report
    from sessionaudit.report import Canvas

VERSION = 1


def render(page: ReportDifference, _canvas: Canvas) -> str:
    """Render the page; later versions may add keys, but never change or remove them."""
    data = {
        "version": VERSION,
        "older": _side(page.older, page.files[0]),
        "newer": _side(page.newer, page.files[1]),
        "fail_on": str(page.failing) if page.failing is not None else NEVER,
        "fails": page.fails(*FAILING),
        "summary": {_key(change): len(page.of(change)) for change in FindingChange},
        **{_key(change): [_finding(one) for one in page.of(change)] for change in FindingChange},
        "remarks": list(remarks(page)),
    }
    return spelled_json(data) + "\n"


def _key(change: FindingChange) -> str:
    return change.name.lower()


def _side(report: Report, file: str) -> dict[str, Any]:
    database = report.database
    return {
        "file": file,
        "database": {"name": database.name, "host": database.host} if database else None,
        "contract": report.contract,
        "began": report.began.isoformat() if report.began else None,
        "not_checked": len(report.unchecked),
    }


def _finding(one: ChangedFinding) -> dict[str, Any]:
    before = one.before
    if before is None:
        return {**spelled_finding(one.finding), "before": None}
    was = {
        "severity": str(before.severity),
        "message": before.message,
        "actual": before.actual,
        "definition": before.definition,
        "rows": before.rows,
    }
    return {**spelled_finding(one.finding), "before": was}
