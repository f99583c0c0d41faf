"""Print the checklist of the contract for people: each sentence, and for one that is not ticked what is known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.checklist import PointState
from sessionaudit.core.visible import visible
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
from sessionaudit.report.page import Page, whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessionaudit.core.checklist import ProofResult, ProvenPoint
    from sessionaudit.core.finding import Finding
    from sessionaudit.core.report import Report
    from sessionaudit.report import Canvas

_MARKS = {PointState.TICKED: "[x]", PointState.FAILED: "[ ]", PointState.UNCHECKED: "[ ]", PointState.WAIVED: "[ ]"}
_IN_PART = "[~]"
_STYLES = {
    PointState.TICKED: "good",
    PointState.FAILED: "bad",
    PointState.UNCHECKED: "warn",
    PointState.WAIVED: "warn",
}
_SENTENCE, _PROOF, _DETAIL = 4, 6, 8  # blanks


def render(report: Report, canvas: Canvas) -> str:
    """Render the checklist of a report for a terminal."""
    return whole(_ChecklistPage(canvas).lines(report))


class _ChecklistPage(Page):
    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._told: set[str] = set()
        self._reasons: dict[tuple[str, ...], str] = {}

    def lines(self, report: Report) -> Iterable[str]:
        for point in report.checklist:
            yield from self._point(point)
        yield ""
        start, style, where = verdict(report)
        yield from self.begun(visible(start), style, visible(f" {where}."))
        for sentence in unmentioned(report):
            yield from self.wrapped(sentence)
        for line in report.next:
            yield from self.command("Next", line)
        for step in report.by_hand:
            yield from self.command(step.before, step.command)

    def _point(self, one: ProvenPoint) -> Iterator[str]:
        sentence = list(self.wrapped(one.point.sentence, _SENTENCE))
        mark = self.paint(_IN_PART if one.in_part else _MARKS[one.state], _STYLES[one.state])
        yield f"{mark} {sentence[0].lstrip()}"
        yield from sentence[1:]
        alike: dict[tuple[str, ...], list[ProofResult]] = {}
        for result in one.results:
            if result.state is PointState.UNCHECKED:
                alike.setdefault(tuple(reasons(result)), []).append(result)
            elif result.state is not PointState.TICKED or self.canvas.verbose:
                yield from self._result(result)
        for why, results in alike.items():
            yield from self._unchecked(why, results)
        for remark in one.remarks:
            yield from self.wrapped(f"in part: {remark}" if one.in_part else remark, _PROOF, "faint")

    def _unchecked(self, why: tuple[str, ...], results: list[ProofResult]) -> Iterator[str]:
        """Say why some proofs were not checked, but each reason only once on a page."""
        yield from self._head(PointState.UNCHECKED, ", ".join(result.proof.text for result in results))
        before = self._reasons.setdefault(why, results[0].proof.text)
        if before != results[0].proof.text:
            why = (f"For the same reason as {before}.",)
        for sentence in why:
            yield from self.wrapped(sentence, _DETAIL)

    def _head(self, state: PointState, text: str) -> Iterator[str]:
        first, *rest = self.wrapped(f"{state}: {text}", _PROOF)
        yield first.replace(str(state), self.paint(str(state), _STYLES[state]), 1)
        yield from rest

    def _result(self, result: ProofResult) -> Iterator[str]:
        yield from self._head(result.state, result.proof.text)
        shown = result.findings if self.canvas.verbose else result.findings[:MOST_SHOWN]
        for finding in shown:
            again = finding.fingerprint in self._told
            self._told.add(finding.fingerprint)
            yield from self._finding(finding, result, " (see above)" if again else "")
            if not again:
                yield from self.wrapped(finding.message, _DETAIL)
                for cause in causes(finding):
                    yield from self.wrapped(cause, _DETAIL)
        if len(result.findings) > len(shown):
            more = len(result.findings) - len(shown)
            yield from self.wrapped(f"and {more:,} more, which --verbose shows", _DETAIL)
        for finding, waiver in result.waived:
            yield from self._finding(finding, result)
            yield from self.wrapped(accepted(waiver), _DETAIL)

    def _finding(self, finding: Finding, result: ProofResult, end: str = "") -> Iterator[str]:
        about = f" of {name}" if (name := object_of(finding, result)) else ""
        at = f", {place}" if (place := place_of(finding)) else ""
        yield from self.wrapped(f"{finding.rule.code} {finding.rule.name}{about}{at}{end}", _DETAIL, "strong")
