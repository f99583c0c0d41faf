"""Print the checklist of the contract as a task list of Markdown, for an issue, a pull request or a document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.checklist import PointState
from sessionaudit.report.checklist_sentences import (
    MOST_SHOWN,
    accepted,
    causes,
    object_of,
    place_of,
    reasons,
    unmentioned,
    verdict,
)
from sessionaudit.report.markdown_text import code, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.checklist import ProofResult, ProvenPoint
    from sessionaudit.core.finding import Finding
    from sessionaudit.core.report import Report
    from sessionaudit.report import Canvas


def render(report: Report, _canvas: Canvas) -> str:
    """Render the checklist of a report."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    start, _, where = verdict(report)
    yield from ("## Checklist", "", f"{plain(start)} {plain(where)}.", "")
    for point in report.checklist:
        yield from _point(point)
    others = [plain(sentence) for sentence in unmentioned(report)]
    if others:
        yield from ("", *others)
    if report.next or report.by_hand:
        yield ""
        yield from (f"- Next: {code(line)}" for line in report.next)
        yield from (f"- {plain(step.before)}: {code(step.command)}" for step in report.by_hand)


def _point(one: ProvenPoint) -> Iterator[str]:
    mark = "x" if one.state is PointState.TICKED else " "
    yield f"- [{mark}] {plain(one.point.sentence)}"
    for result in one.results:
        if result.state is not PointState.TICKED:
            yield from _result(result)
    for remark in dict.fromkeys(remark for result in one.results for remark in result.remarks):
        yield f"  - {plain(remark)}"


def _result(result: ProofResult) -> Iterator[str]:
    yield f"  - **{result.state}**: {code(result.proof.text)}"
    for finding in result.findings[:MOST_SHOWN]:
        said = " ".join((finding.message, *causes(finding)))
        yield f"    - {_headline(finding, result)}: {plain(said)}"
    if len(result.findings) > MOST_SHOWN:
        yield f"    - and {len(result.findings) - MOST_SHOWN:,} more"
    for sentence in reasons(result):
        yield f"    - {plain(sentence)}"
    for finding, waiver in result.waived:
        yield f"    - {_headline(finding, result)}, {plain(accepted(waiver))}"


def _headline(finding: Finding, result: ProofResult) -> str:
    about = f" of {code(name)}" if (name := object_of(finding, result)) else ""
    at = f", {code(place)}" if (place := place_of(finding)) else ""
    return f"{finding.rule.code} {finding.rule.name}{about}{at}"
