"""Print a probe as one JSON object: the report, and a list of the journeys."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sessionaudit.core.visible import spelled_json
from sessionaudit.report.formats import json_

if TYPE_CHECKING:
    from sessionaudit.audits.behaviour.journeys.outcome import JourneyOutcome, JourneyStepOutcome
    from sessionaudit.audits.behaviour.journeys.touching import Touched
    from sessionaudit.core.finding import Finding
    from sessionaudit.report import Canvas
    from sessionaudit.report.formats.probe.content import ProbePage


def render(page: ProbePage, canvas: Canvas) -> str:
    """Render the page; later versions may add keys, but never change or remove them."""
    told: dict[str, Any] = json.loads(json_.render(page.found.report, canvas))
    told |= {
        "executed": page.executed,
        "touched": _touched(page.found.touched) if page.found.touched else None,
        "journeys": [_journey(one) for one in page.found.journeys],
        "causes": [_cause(one) for one in _causes(page)],
    }
    return spelled_json(told) + "\n"


def _causes(page: ProbePage) -> tuple[Finding, ...]:
    """Return the findings of other audits that explain those of the report, once each."""
    found = [cause for finding in page.found.report.findings for cause in finding.because]
    return tuple({cause.fingerprint: cause for cause in found}.values())


def _cause(finding: Finding) -> dict[str, Any]:
    return {
        "fingerprint": finding.fingerprint,
        "code": finding.rule.code,
        "rule": finding.rule.name,
        "audit": finding.audit,
        "object": finding.ref.dotted,
        "message": finding.message,
    }


def _journey(one: JourneyOutcome) -> dict[str, Any]:
    return {
        "name": one.journey.name,
        "summary": one.journey.summary,
        "line": one.journey.location.line,
        "given": [_step(step) for step in one.given],
        "steps": [_step(step) for step in one.steps],
        "at_commit": one.end.state if one.end else None,
    }


def _step(one: JourneyStepOutcome) -> dict[str, Any]:
    step, failure = one.step, one.failure
    place = failure.location if failure else step.location
    return {
        "name": step.name,
        "role": str(step.actor.role) if step.actor else None,
        "expected": step.expected.words if step.expected else None,
        "state": str(one.state),
        "rule": failure.rule.code if failure else None,
        "actual": failure.actual if failure else None,
        "sqlstate": (failure.state or None) if failure else None,
        "reason": failure.message if failure else one.reason or None,
        "hint": one.hint or None,
        "location": {"file": place.file, "line": place.line or None, "column": place.column or None},
    }


def _touched(touched: Touched) -> dict[str, Any]:
    return {
        "tables": list(touched.tables),
        "sequences": list(touched.sequences),
        "notifying": list(touched.notifying),
    }
