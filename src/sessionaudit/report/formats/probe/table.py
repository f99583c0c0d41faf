"""Print a probe for people: each journey with its steps, and below what is wrong, and what to type next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.behaviour.journeys.outcome import StepState
from sessionaudit.core.visible import visible
from sessionaudit.core.wrapping import fold
from sessionaudit.report.formats import table
from sessionaudit.report.page import PageOf

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.audits.behaviour.journeys.outcome import JourneyOutcome, JourneyStepOutcome
    from sessionaudit.report import Canvas
    from sessionaudit.report.formats.probe.content import ProbePage

_DASH = "\N{EN DASH}"
_MARKS = {
    StepState.MET: ("✓", "good"),
    StepState.ACCEPTED: ("·", "faint"),  # nothing is proven of it
    StepState.FAILED: ("✗", "bad"),
    StepState.UNDECIDED: (_DASH, "warn"),
    StepState.UNSEEN: (_DASH, "warn"),
}
_EXECUTED = "Each journey was executed in a transaction, and rolled back."


def render(page: ProbePage, canvas: Canvas) -> str:
    """Render the page; names are never cut, so a very long one may exceed the width."""
    lines = [*_Journeys(page, canvas).lines()]
    aside = _EXECUTED if page.executed and page.found.journeys else ""
    return "\n".join(lines) + ("\n" if lines else "") + table.render(page.found.report, canvas, aside=aside)


class _Journeys(PageOf["ProbePage"]):
    def lines(self) -> Iterable[str]:
        for one in self._page.found.journeys:
            yield from self._journey(one)
            yield ""

    def _journey(self, one: JourneyOutcome) -> Iterable[str]:
        start = visible(one.journey.name)
        yield from self.begun(start, "strong", visible(f": {one.journey.summary}"))
        room = max(len(step.step.name) for step in one.whole)
        for step in one.whole:
            yield from self._step(step, room)
        if one.end is not None:
            yield f"  {self.paint('✗', 'bad')} {visible('at COMMIT'):<{room}}  {visible(one.end.actual or '')}"

    def _step(self, one: JourneyStepOutcome, room: int) -> Iterable[str]:
        mark, style = _MARKS[one.state]
        indent = 6 + room
        told = visible(_told(one))
        first, *rest = fold(told, max(self.width - indent, 20)) or [""]
        yield f"  {self.paint(mark, style)} {visible(one.step.name):<{room}}  {first}".rstrip()
        yield from (" " * indent + line for line in rest)


def _told(one: JourneyStepOutcome) -> str:
    role = f"as {one.step.actor.role}" if one.step.actor else ""
    expected = one.step.expected.words if one.step.expected else "given"
    if one.failure is not None:
        place = f"{one.failure.location.file}:{one.failure.location.line}"
        came = one.failure.actual or one.failure.rule.name
        return f"{_joined(role, f'expected {expected}')}; {came}, {one.failure.rule.code}, {place}"
    if one.state is StepState.UNSEEN:
        return f"{_joined(role, 'not looked at')}: {one.reason}"
    if one.state is StepState.UNDECIDED:
        return f"{_joined(role, expected)}: {one.reason}"
    if one.state is StepState.ACCEPTED:
        return _joined(role, f"explained; {one.step.expected.words} expected" if one.step.expected else "explained")
    return _joined(role, expected)


def _joined(role: str, what: str) -> str:
    return ", ".join(part for part in (role, what) if part)
