"""Print the report as GitLab's Code Quality reads it: a list of issues, each of them in a file.

An empty list would mean that nothing is wrong: what was not checked is an issue too, and so is an error.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from sessionaudit.core.finding import Location, Severity
from sessionaudit.core.visible import spelled_json, visible_page
from sessionaudit.report.file_names import file_name
from sessionaudit.report.told import NOT_CHECKED, contract_place, headline, identities, place_of, remarks

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sessionaudit.core.finding import Finding
    from sessionaudit.core.report import Report
    from sessionaudit.report import Canvas

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.NOTE: "info"}
_SERIOUS = "major"
_WORST = "blocker"
_NO_FILE = "sessionaudit"  # GitLab drops an issue without a path


def render(report: Report, canvas: Canvas) -> str:
    """Render what is found, and what was not checked. What a waiver or a baseline accepts is left out."""
    contract = contract_place(report)
    issues = [
        _issue(
            finding.rule.name,
            _described(finding),
            identity,
            _SEVERITIES[finding.severity],
            place_of(finding, report),
            canvas.top,
        )
        for finding, identity in zip(report.findings, identities(report.findings), strict=True)
    ]
    issues += [
        _issue(one.code, one.text, _hashed(one.code, one.what), _SERIOUS, contract, canvas.top)
        for one in remarks(report)
        if one.code == NOT_CHECKED
    ]
    return spelled_json(issues) + "\n"


def render_error(error: Mapping[str, Any], canvas: Canvas) -> str:
    """Render an error as the only issue."""
    told = error["error"]
    place = told["location"]
    located = Location(place["file"], place["line"] or 1) if place else None
    text = f"It could not be checked: {told['message']} {told['hint']}".strip()
    return spelled_json([_issue("error", text, _hashed("error", told["kind"]), _WORST, located, canvas.top)]) + "\n"


def _described(finding: Finding) -> str:
    causes = "; ".join(dict.fromkeys(headline(cause) for cause in finding.because))
    return f"{finding.message} Cause: {causes}." if causes else finding.message


def _issue(
    rule: str, text: str, identity: str, severity: str, place: Location | None, top: Path | None
) -> dict[str, Any]:
    name = file_name(place.file, top) if place else _NO_FILE
    return {
        "description": visible_page(text),
        "check_name": rule,
        "fingerprint": identity,
        "severity": severity,
        "location": {"path": name, "lines": {"begin": max(place.line, 1) if place else 1}},
    }


def _hashed(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode(errors="surrogateescape")).hexdigest()[:16]
