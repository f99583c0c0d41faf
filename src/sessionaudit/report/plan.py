"""Print a plan and its result for people."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from sessionaudit.core.counting import counted
from sessionaudit.core.finding import Severity
from sessionaudit.core.held_back import ANYWAY, uncured_counts
from sessionaudit.core.ref import dotted
from sessionaudit.report.page import Page

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sessionaudit.core.held_back import Held, Uncured
    from sessionaudit.core.step import Step
    from sessionaudit.repair.apply import Record
    from sessionaudit.repair.propose import Proposal
    from sessionaudit.report import Canvas

_BLANKS = re.compile(r"[^\S ]+")
_OUTCOMES = {"applied": "good", "already so": "faint", "failed": "bad", "in doubt": "bad"}


def table(proposal: Proposal, canvas: Canvas, *, told: Sequence[tuple[str, str]] = ()) -> str:
    """Render a plan: its details, and how they end."""
    return f"{details(proposal, canvas)}{ending(proposal, canvas, told=told)}"


def details(proposal: Proposal, canvas: Canvas) -> str:
    """Render what prevents a plan, each step with its lock, hazards and reason, then what is left out."""
    page = _Plan(canvas)
    plan, refusals = proposal.plan, proposal.preflight.refusals
    lines = [*page.wrapped(_barred(proposal, "."), 0, "strong"), *([""] if refusals else [])]
    lines += [line for what, help_ in refusals for line in page.refusal(what, help_)]
    lines += [
        line for number, step in enumerate(plan.steps, start=1) for line in page.step(number, step, proposal.repairs)
    ]
    lines += page.held(plan.held)
    lines += page.uncured(plan.uncured)
    lines += [line for note in proposal.preflight.notes for line in page.wrapped(f"note: {note}", 0)]
    return "".join(f"{line}\n" for line in lines)


def ending(proposal: Proposal, canvas: Canvas, *, told: Sequence[tuple[str, str]] = ()) -> str:
    """Render the numbers of a plan, and the commands to type: `told`, each with its description."""
    page = _Plan(canvas)
    lines = [*page.wrapped(_verdict(proposal), 0, "strong")]
    lines += page.wrapped(_barred(proposal, ", listed above the steps."), 0, "strong")
    lines += page.wrapped(proposal.plan.unsettled, 0)
    lines += page.commands(told)
    return "".join(f"{line}\n" for line in lines)


def _barred(proposal: Proposal, end: str) -> str:
    number = len(proposal.preflight.refusals)
    return f"Nothing can run yet: {counted(number, 'obstacle')}{end}" if number else ""


def _verdict(proposal: Proposal) -> str:
    plan = proposal.plan
    uncured, unasked, notes = uncured_counts(plan.uncured)
    alone = [f"{counted(notes, 'note')} ignored"] if notes else []
    if not (plan.steps or plan.held or unasked or uncured):
        return f"{': '.join(['Nothing to repair', *alone])}."
    parts = [counted(len(plan.steps), "step")]
    if plan.held:
        parts.append(f"{len(plan.held)} held back")
    if uncured:
        parts.append(f"{counted(uncured, 'finding')} without a cure")
    if unasked:
        parts.append(f"{counted(unasked, 'finding')} left unchanged")
    parts += alone
    if proposal.report.unchecked:
        parts.append(f"{len(proposal.report.unchecked)} not checked")
    return f"{', '.join(parts)}."


def left(held: int, told: Sequence[tuple[str, str]], canvas: Canvas) -> str:
    """Say how many steps are held back, and the command that lets them run."""
    page = _Plan(canvas)
    return "\n".join([*page.wrapped(f"{counted(held, 'step')} held back.", 0), *page.commands(told)])


def summary(records: Sequence[Record], canvas: Canvas) -> str:
    """Render the results of the steps; those that were applied normally only as a number."""
    page = _Plan(canvas)
    counts = Counter(str(record.outcome) for record in records)
    told = ", ".join(f"{count} {outcome}" for outcome, count in counts.items()) or "no steps"
    lines = [*page.wrapped(told, 0, "strong")]
    for number, record in enumerate(records, start=1):
        if str(record.outcome) not in {"applied", "already so"} or record.rows or record.detail:
            lines += page.record(number, record)
    return "\n".join(lines) + "\n"


def progress(number: int, total: int, record: Record, canvas: Canvas) -> str:
    """Render the result of a step."""
    outcome = str(record.outcome)
    took = f" in {record.seconds:.2f} s" if outcome == "applied" else ""
    rows = f", {counted(record.rows, 'row')} changed" if record.rows else ""
    style, end = _OUTCOMES.get(outcome, "warn"), f"{outcome}{took}{rows}"
    return "\n".join(Page(canvas).ended(f"{record.step.action}: ", end, style, f"[{number}/{total}] "))


class _Plan(Page):
    def wrapped(self, text: str, indent: int = 0, style: str = "", first: str = "") -> Iterator[str]:
        """Wrap a text that may contain SQL indented with tabs."""
        return super().wrapped(_BLANKS.sub(" ", text), indent, style, first)

    def commands(self, told: Iterable[tuple[str, str]]) -> Iterator[str]:
        for before, line in told:
            yield from self.command(before, line)

    def step(self, number: int, step: Step, repairs: Collection[str]) -> Iterator[str]:
        yield from self.wrapped(step.action, 5, "strong", f"{number:>3}")
        tables = " and ".join(dict.fromkeys(dotted(path) for path in step.locks))
        lock = f"{step.lock} on {tables}: blocks {step.lock.blocks}" if step.lock and tables else "none"
        yield from self.wrapped(lock, 13, "", "     lock")
        for hazard in step.hazards:
            yield from self.wrapped(f"{hazard}: {hazard.meaning}", 13, "warn" if hazard.gated else "", "     hazard")
        if step.repair in repairs:
            yield from self.wrapped(f"{step.repair} changes the rows in its way", 13, "warn", "     rows")
        if step.why:
            yield from self.wrapped(step.why, 13, "faint", "     why")
        yield ""

    def held(self, held: Sequence[Held]) -> Iterator[str]:
        for one in held:
            yield from self.wrapped(f"held back: {one.step.action}", 0, "warn")
            yield from self.wrapped(f"{one.reason}.", 5)
            if one.advice:
                yield from self.wrapped(one.advice, 5)
            yield ""

    def uncured(self, uncured: Sequence[Uncured]) -> Iterator[str]:
        for one in uncured:
            words = "unchanged" if one.unasked or one.finding.severity is Severity.NOTE else "no cure"
            style = "faint" if one.finding.severity is Severity.NOTE else "warn"
            yield from self.wrapped(f"{words}: {one.finding.rule.name} of {one.finding.ref}", 0, style)
            yield from self.wrapped(f"{one.finding.message} {one.why or one.help}", 5)
            if one.command:
                yield from self.command(f"     {ANYWAY}", one.command)
            yield ""

    def refusal(self, what: str, help_: str) -> Iterator[str]:
        yield from self.wrapped(f"in the way: {what}", 0, "bad")
        if help_:
            yield from self.wrapped(help_, 5)
        yield ""

    def record(self, number: int, record: Record) -> Iterator[str]:
        rows = f" {counted(record.rows, 'row')} changed." if record.rows else ""
        text = f"{number}. {record.step.action}: {record.outcome}.{rows}"
        yield from self.wrapped(text, 2, _OUTCOMES.get(str(record.outcome), "warn"), "")
        if record.detail:
            yield from self.wrapped(record.detail, 5)
