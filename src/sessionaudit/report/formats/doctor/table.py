"""Print a diagnosis for people: what is lacking first, then what follows from how it is here, and what is fine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.counting import counted
from sessionaudit.core.visible import visible
from sessionaudit.core.wrapping import fold
from sessionaudit.doctor.diagnosis import Weight
from sessionaudit.report.page import PageOf, whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sessionaudit.doctor.diagnosis import (
        ConnectionAttempt,
        DefaultInForce,
        Diagnosis,
        StageOutcome,
        Symptom,
    )
    from sessionaudit.report import Canvas

_MARKS = {
    Weight.LACK: ("✗", "bad"),
    Weight.NOTE: ("!", "warn"),
    Weight.FINE: ("✓", "good"),
    Weight.FACT: ("·", "faint"),
}
_STAGES = {True: ("✓", "good"), False: ("✗", "bad"), None: ("·", "faint")}
_INDENT = 4
_STAGE_WIDTH = 17
_AGAIN = "To see it without this program"


def render(page: Diagnosis, canvas: Canvas) -> str:
    """Render the page; statements are never wrapped, so a long one may exceed the width."""
    return whole(_DiagnosisPage(page, canvas).lines())


class _DiagnosisPage(PageOf["Diagnosis"]):
    def lines(self) -> Iterable[str]:
        if self._page.database is None:
            yield from self._unreached()
        else:
            yield from self._reached()
        yield from self._defaults(self._page.defaults)

    def _unreached(self) -> Iterable[str]:
        yield self.paint("The database cannot be reached.", "bad")
        for one in self._page.attempts:
            yield ""
            yield from self._attempt(one)

    def _attempt(self, attempt: ConnectionAttempt) -> Iterable[str]:
        for stage in attempt.stages:
            yield from self._stage(stage, attempt)
        if attempt.hint:
            yield from self.wrapped(attempt.hint, _INDENT)
        for line in attempt.commands:
            yield from self._command(f"    {_AGAIN}", line)

    def _stage(self, stage: StageOutcome, attempt: ConnectionAttempt) -> Iterable[str]:
        mark, style = _STAGES[stage.done]
        said = attempt.message if stage.done is False else stage.said or "not tried"
        indent = _INDENT + _STAGE_WIDTH
        first, *rest = fold(visible(said), max(self.width - indent, 20)) or [""]
        name = str(stage.stage).ljust(_STAGE_WIDTH)
        yield f"  {self.paint(mark, style)} {name}{self.paint(first, 'faint' if stage.done is None else '')}"
        yield from (" " * indent + line for line in rest)

    def _reached(self) -> Iterable[str]:
        page = self._page
        where = f"{page.database}, as {page.database.user}" if page.database else ""
        yield from self.begun(visible(where), "strong", "")
        yield from self._ready()
        failing = page.failing
        others = tuple(one for one in page.lacking if one not in failing)
        for head, found in (
            ("What is lacking", failing),
            ("What only commands that write lack", others),
            ("What to know", page.of(Weight.NOTE)),
        ):
            if found:
                yield ""
                yield self.paint(head, "strong")
                for one in found:
                    yield from self._remark(one)
        fine, facts = page.of(Weight.FINE), page.of(Weight.FACT)
        yield ""
        if self.canvas.verbose:
            yield from self._facts((*fine, *facts))
        else:
            yield from self._fine(fine)
            yield from self.wrapped(f"{counted(len(fine) + len(facts), 'fact')} more with --verbose.", 0, "faint")

    def _ready(self) -> Iterable[str]:
        lacks = self._page.lacks
        ready = [name for name, number in lacks.items() if not number]
        others = [f"{name} ({number})" for name, number in lacks.items() if number]
        if ready:
            yield from self.wrapped(", ".join(ready) + ".", 9, "good", first="Ready:")
        if others:
            yield from self.wrapped(", ".join(others) + ".", 9, "bad", first="Lacking:")

    def _remark(self, one: Symptom) -> Iterable[str]:
        mark, style = _MARKS[one.weight]
        lines = [*self.wrapped(one.fact, _INDENT)]
        yield f"  {self.paint(mark, style)} {lines[0].lstrip()}"
        yield from lines[1:]
        needed = f" ({', '.join(one.needed_by)})" if one.weight is Weight.LACK else ""
        yield from self.wrapped(f"{one.consequence}{needed}".strip(), _INDENT, "faint")
        yield from (f"        {visible(statement)}" for statement in one.sql)
        for line in one.commands:
            yield from self._command("    Run", line)

    def _command(self, before: str, line: str) -> Iterable[str]:
        start, *rest = self.command(before.lstrip(), line)
        yield f"    {start}"
        yield from rest

    def _fine(self, fine: Sequence[Symptom]) -> Iterable[str]:
        by_topic: dict[str, list[str]] = {}
        for one in fine:
            by_topic.setdefault(one.topic, []).append(one.name)
        told = "; ".join(f"{topic}: {', '.join(dict.fromkeys(names))}" for topic, names in by_topic.items())
        yield from self.wrapped(f"{told}.", _INDENT, first="ok")

    def _facts(self, remarks: Sequence[Symptom]) -> Iterable[str]:
        for topic in dict.fromkeys(one.topic for one in remarks):
            yield self.paint(topic, "strong")
            for one in remarks:
                if one.topic == topic:
                    yield from self._remark(one)

    def _defaults(self, defaults: Sequence[DefaultInForce]) -> Iterable[str]:
        if not defaults:
            return
        yield ""
        yield self.paint("Defaults in force", "strong")
        by_place: dict[tuple[str, str, str], list[str]] = {}
        for one in defaults:
            by_place.setdefault((one.option, one.value, one.place), []).append(one.command)
        for (option, value, place), commands in by_place.items():
            yield from self.wrapped(f"{option} {value}, from {place}: {', '.join(commands)}", _INDENT, first="  ·")
