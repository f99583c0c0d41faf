"""Print the report as one JSON object, as `schemas/report.schema.json` describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.visible import spelled_json
from sessionaudit.report.forest import forest
from sessionaudit.report.saved import spelling
from sessionaudit.report.saved.spelling import location as _location
from sessionaudit.report.saved.spelling import skipped as _skipped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessionaudit.core.baseline import BaselineEntry
    from sessionaudit.core.checklist import ProofResult, ProvenPoint
    from sessionaudit.core.finding import Finding
    from sessionaudit.core.report import ObjectReference, Report, ReportTable
    from sessionaudit.report import Canvas
    from sessionaudit.report.forest import Branch

VERSION = 1


def render(report: Report, _canvas: Canvas) -> str:
    """Render a report as JSON; later versions may add keys, but never change or remove them."""
    database = report.database
    trees = forest(report.findings, report.unchecked)
    data = {
        "version": VERSION,
        "database": {
            "name": database.name,
            "host": database.host,
            "server_version": database.server_version,
            "user": database.user,
        }
        if database
        else None,
        "contract": report.contract,
        "checked": {
            **{f"{noun}s": total for noun, total in {"object": 0, **report.totals}.items()},
            "kinds": {noun: number for noun, number in report.checked.items() if noun not in report.totals},
        },
        "uncounted": sum(report.left_out.values()),
        "filtered": report.filtered,
        "summary": report.summary,
        "findings": [spelled_finding(finding) for finding in report.findings],
        "skipped": [_skipped(one) for one in report.unchecked],
        "waived": [
            {
                **spelled_finding(finding),
                "waiver": {
                    "reason": waiver.reason,
                    "owner": waiver.owner,
                    "until": waiver.until.isoformat(),
                    **spelling.of_waiver(waiver),
                },
            }
            for finding, waiver in report.waived
        ],
        **(
            {"outer_causes": [spelled_finding(one) for one in outer]}
            if (outer := spelling.outer_causes(report))
            else {}
        ),
        **({"accepted": [_accepted(*one) for one in report.accepted]} if report.accepted else {}),
        "next": list(report.next),
        **({"by_hand": [one._asdict() for one in report.by_hand]} if report.by_hand else {}),
        **({"forest": [_branch(one) for one in trees]} if any(one.is_cause for one in trees) else {}),
        **({"checklist": [_point(one) for one in report.checklist]} if report.checklist else {}),
        **({"examined": report.examined} if report.examined else {}),
        **({"undecided": [_skipped(one) for one in report.undecided]} if report.undecided else {}),
        **({"plans": report.plans} if report.plans else {}),
        **({"notes": list(report.notes)} if report.notes else {}),
        **({"tables": [_table(one) for one in tables]} if (tables := report.tables) else {}),
        **({"references": [_reference(one) for one in references]} if (references := report.references) else {}),
        **spelling.of_report(report),
    }
    return spelled_json(data) + "\n"


def render_error(error: Mapping[str, Any], _canvas: Canvas) -> str:
    """Render an error as `schemas/error.schema.json` describes it."""
    return spelled_json(error) + "\n"


def spelled_finding(finding: Finding) -> dict[str, Any]:
    """A finding as an object; its causes are told by their fingerprints."""
    location = finding.location
    return {
        "code": finding.rule.code,
        "rule": finding.rule.name,
        "severity": str(finding.severity),
        "audit": finding.audit,
        "object": str(finding.ref),
        "facet": finding.facet,
        "expected": finding.expected,
        "actual": finding.actual,
        "definition": finding.definition,
        "message": finding.message,
        "location": _location(location) if location else None,
        **({"elsewhere": [_location(place) for place in finding.locations[1:]]} if finding.locations[1:] else {}),
        "fingerprint": finding.fingerprint,
        "fix": list(finding.fix),
        **({"because": [cause.fingerprint for cause in finding.because]} if finding.because else {}),
        **({"statement": finding.statement} if finding.statement else {}),
        **spelling.of_finding(finding),
    }


def _accepted(finding: Finding, entry: BaselineEntry) -> dict[str, Any]:
    """A finding, and what the baseline says of it: what was found when it was written, which may read differently."""
    return {
        **spelled_finding(finding),
        "baseline": {
            "fingerprint": entry.fingerprint,
            "severity": str(entry.severity),
            "message": entry.message,
            **({"facet": entry.facet} if entry.facet else {}),
            **({"actual": entry.actual} if entry.actual is not None else {}),
            **({"rows": entry.rows} if entry.rows else {}),
            **({"reason": entry.reason} if entry.reason else {}),
            **({"until": entry.until.isoformat()} if entry.until else {}),
            "location": _location(entry.location),
        },
    }


def _branch(branch: Branch) -> dict[str, Any]:
    """A finding by its fingerprint, what follows from it, and what could not be checked because of it."""
    return {
        "finding": branch.finding.fingerprint,
        **({"follows": [_branch(one) for one in branch.follows]} if branch.follows else {}),
        **({"unchecked": [one.what for one in branch.unchecked]} if branch.unchecked else {}),
    }


def _point(one: ProvenPoint) -> dict[str, Any]:
    return {
        "sentence": one.point.sentence,
        "state": one.state.replace(" ", "-"),
        "location": _location(one.point.location),
        "proofs": [_proof(result) for result in one.results],
    }


def _proof(result: ProofResult) -> dict[str, Any]:
    """A proof; its findings are among those of the report, and told by their fingerprints."""
    return {
        "proof": result.proof.text,
        "state": result.state.replace(" ", "-"),
        "findings": [finding.fingerprint for finding in result.findings],
        "unchecked": [_skipped(one) for one in result.unchecked],
        "waived": [finding.fingerprint for finding, _ in result.waived],
        **({"remarks": list(result.remarks)} if result.remarks else {}),
        **({"refs": [spelling.reference(ref) for ref in result.proof.refs]} if result.proof.refs else {}),
    }


def _table(one: ReportTable) -> dict[str, Any]:
    """A table; each cell is a list of its lines."""
    rows = [[[line._asdict() for line in cell] for cell in row] for row in one.rows]
    return {"title": one.title, "about": one.about, "columns": list(one.columns), "rows": rows}


def _reference(one: ObjectReference) -> dict[str, str]:
    return {**one._asdict(), "state": str(one.state)}
