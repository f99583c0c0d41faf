"""Word what a checklist comes to."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.core.checklist import PointState
from sessionaudit.core.counting import counted
from sessionaudit.core.printed_commands import CALLING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.checklist import ProofResult
    from sessionaudit.core.finding import Finding, Waiver
    from sessionaudit.core.report import Report

MOST_SHOWN = 3  # findings of one proof


class ChecklistVerdict(NamedTuple):
    """How many points are ticked, in which `style`, and where."""

    start: str
    style: str
    where: str


def verdict(report: Report) -> ChecklistVerdict:
    """Return how many points are ticked, failed, not checked and waived."""
    states = Counter(point.state for point in report.checklist)
    where = f"in {report.database}" if report.database else f"by {report.contract}"
    total, in_part = len(report.checklist), sum(point.in_part for point in report.checklist)
    ticked = states[PointState.TICKED] - in_part
    if ticked == total:
        return ChecklistVerdict(f"All {total} are ticked" if total > 1 else "It is ticked", "good", where)
    others = [f"{states[state]} {state}" for state in PointState if state is not PointState.TICKED and states[state]]
    others += [f"{in_part} only in part"] if in_part else []
    unproven = states[PointState.UNCHECKED] + states[PointState.WAIVED]
    style = "error" if states[PointState.FAILED] else "warning" if unproven else "good"
    return ChecklistVerdict(f"{ticked} of {total} ticked, {', '.join(others)}", style, where)


def unmentioned(report: Report) -> Iterator[str]:
    """Say what `check` reports and no point is about: it decides on the exit code, too."""
    told = {finding.fingerprint for point in report.checklist for one in point.results for finding in one.findings}
    others = [finding for finding in report.findings if finding.fingerprint not in told]
    line = report.again or CALLING.line("check")
    if others:
        by = Counter(finding.severity for finding in others)
        numbers = ", ".join(counted(by[one], str(one)) for one in sorted(by, reverse=True))
        yield f"Beyond the checklist: {numbers}. `{line}` prints all."
    if report.unchecked:
        yield f"{counted(len(report.unchecked), 'part')} could not be checked: `{line}` says why."


def object_of(finding: Finding, result: ProofResult) -> str:
    """Return the object of a finding; "" if it is the only one which the proof names, or its place tells it."""
    told = finding.location is not None and finding.location.file in finding.ref.path
    return "" if told or result.proof.refs == (finding.ref,) else str(finding.ref)


def place_of(finding: Finding) -> str:
    """Return the file and the line of a finding; "" if it has none."""
    return str(finding.location._replace(column=0)) if finding.location else ""


def causes(finding: Finding) -> Iterator[str]:
    """Say from which findings this one follows; those of one rule on one object are one."""
    for cause in {(one.rule, one.ref): one for one in reversed(finding.because)}.values():
        at = f", {cause.location._replace(column=0)}" if cause.location else ""
        yield f"It follows from {cause.rule.code} {cause.rule.name} of {cause.ref}{at}."


def accepted(waiver: Waiver) -> str:
    """Return why a finding is accepted, until when, and by whom."""
    owner = f", {waiver.owner}" if waiver.owner else ""
    return f"accepted until {waiver.until}{owner}: {waiver.reason}"


def reasons(result: ProofResult) -> Iterator[str]:
    """Say why a proof was not checked, and what would help."""
    for one in result.unchecked:
        start = "" if one.what == result.proof.text else f"{one.what}: "
        sentence = f"{start}{one.reason}"
        end = "" if sentence.endswith((".", "?", "!")) else "."
        hint = f"Run: {one.hint}" if one.hint.endswith(";") else one.hint
        yield f"{sentence[0].upper()}{sentence[1:]}{end} {hint}".rstrip()
