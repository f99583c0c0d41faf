"""What the JSON of a report has so that each format can be made of it, beside what programs read.

`shapes` says what is read back. Both change together.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from sessionaudit.core.ref import Spelled
from sessionaudit.core.report import STANDARD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.core.finding import Finding, Location, Skipped, Waiver
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.core.report import Outcome, Report

NEVER = "never"


def of_report(report: Report) -> dict[str, Any]:
    """What the report itself says, and what each audit did."""
    return {
        "fail_on": NEVER if report.failing is None else str(report.failing),
        **_present(
            standard=report.standard if report.standard != STANDARD else "",
            uncompared=report.uncompared,
            holders=list(report.holders),
            selected=list(report.selected),
            again=report.again,
            began=report.began.isoformat() if report.began else "",
            seconds=report.seconds,
        ),
        "audits": [_outcome(one) for one in report.outcomes],
    }


def outer_causes(report: Report) -> list[Finding]:
    """The causes that are not among the findings of a report: those of parts that the call did not report."""
    every = (*report.findings, *(finding for finding, _ in (*report.waived, *report.accepted)))
    known = {finding.fingerprint for finding in every}
    causes = {cause.fingerprint: cause for finding in every for cause in finding.because}
    return [cause for fingerprint, cause in causes.items() if fingerprint not in known]


def of_finding(finding: Finding) -> dict[str, Any]:
    """What a finding has beside what it is about."""
    return {
        "ref": reference(finding.ref),
        **_present(holder=finding.holder, rows=finding.rows),
        **({"printed": finding.printed} if finding.printed is not None else {}),
        **({"barred": skipped(finding.barred)} if finding.barred else {}),
    }


def of_waiver(waiver: Waiver) -> dict[str, Any]:
    """Where a waiver stands, and of which objects it says so."""
    return {"object": waiver.object, "location": location(waiver.location)}


def reference(ref: ObjectRef) -> dict[str, Any]:
    """The kind and the path of an object; the places of those parts that are no names, but stand as they are."""
    spelled = [place for place, part in enumerate(ref.path) if isinstance(part, Spelled)]
    return {"kind": ref.kind, "path": list(ref.path), **_present(spelled=spelled)}


def skipped(one: Skipped) -> dict[str, Any]:
    """What was not checked, and of which objects."""
    return {
        "what": one.what,
        "reason": one.reason,
        "hint": one.hint,
        **_present(statement=one.statement, about=[reference(ref) for ref in one.about]),
        **_present(stands_on=[reference(ref) for ref in one.stands_on]),
    }


def location(place: Location) -> dict[str, Any]:
    """A place in a file, with the line that is shown, or the part of it that begins at `snippet_column`."""
    return {
        "file": place.file,
        "line": place.line or None,
        **_present(column=place.column, snippet=place.snippet, length=place.length),
        **({"snippet_column": place.before + 1} if place.before else {}),
    }


def _outcome(one: Outcome) -> dict[str, Any]:
    """What an audit did; of the report's lists, which hold those of all audits in their order, how many are its own."""
    return {
        "audit": one.audit,
        "noun": one.noun,
        "whole": one.whole,
        "checked": dict(one.checked),
        **_present(
            uncounted=one.left_out,
            skipped=len(one.skipped),
            undecided=len(one.undecided),
            notes=len(one.notes),
            plans=list(one.plans),
            told=one.told,
            directory=one.directory,
            unproven=[{"rules": sorted(rule.name for rule in some.rules), "why": some.why} for some in one.unproven],
            looked_at=list(_runs(one.looked_at())),
            unsaid=[{"why": some.why, "about": list(_runs(some.about))} for some in one.unsaid],
            searched=_present(below=list(one.searched.below), passed_over=list(one.searched.passed_over)),
        ),
    }


def _runs(refs: Iterable[ObjectRef]) -> Iterable[dict[str, Any]]:
    """Objects, in their order; those of one kind that follow each other in the same object stand together."""
    for (kind, path, spelled), several in groupby(refs, key=_container):
        yield {"kind": kind, "in": list(path), **_present(spelled=spelled), "names": [one.path[-1] for one in several]}


def _container(ref: ObjectRef) -> tuple[str, tuple[str, ...], list[int]]:
    return ref.kind, ref.path[:-1], [place for place, part in enumerate(ref.path) if isinstance(part, Spelled)]


def _present(**values: Any) -> dict[str, Any]:
    """Those that say something."""
    return {name: value for name, value in values.items() if value}
