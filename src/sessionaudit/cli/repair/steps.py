"""Tells of the steps of a plan as they are applied: on stderr, and in a log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.cli.terminal.messages import say, say_page
from sessionaudit.core.changes import CHANGES
from sessionaudit.repair.apply import StepOutcome
from sessionaudit.repair.step_log import StepLog
from sessionaudit.report import plan as page
from sessionaudit.report.waiting import Waiting

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sessionaudit.core.step import Step
    from sessionaudit.postgres.locks import Blocker
    from sessionaudit.repair.apply import Record
    from sessionaudit.report import Canvas


class Steps(StepLog):
    """A listener of `apply`, and a context manager. Raises UsageError if the log cannot be written."""

    def __init__(self, log: Path | None, total: int, canvas: Canvas, *, quiet: bool) -> None:
        super().__init__(log, say)
        self._quiet, self._total, self._canvas = quiet, total, canvas
        self._say: Callable[[str], None] = (lambda _text: None) if quiet else say
        self._waiting = Waiting()

    def begins(self, number: int, step: Step) -> None:
        """Say that a step begins, where it may take its time."""
        super().begins(number, step)
        if step.timeout is None:
            self._say(f"[{number}/{self._total}] {step.action} …")

    def waits(self, step: Step, blockers: list[Blocker], seconds_left: float) -> None:
        """Print who holds the lock, if it has not just been printed."""
        super().waits(step, blockers, seconds_left)
        if news := self._waiting.news(blockers, seconds_left):
            self._say(news)

    def rows_repaired(self, step: Step, done: int, total: int) -> None:
        """Say how far a data repair is: a batch of it was committed."""
        CHANGES.committed(1, "batch of rows")
        super().rows_repaired(step, done, total)
        self._say(f"{step.repair}: {done} of {total} rows processed")

    def ends(self, number: int, record: Record) -> None:
        """Say what became of a step; of what was not reached the summary tells."""
        if record.outcome is StepOutcome.APPLIED:
            CHANGES.committed(1, "step")
        elif record.outcome is StepOutcome.IN_DOUBT:
            CHANGES.doubtful(1, "step")
        super().ends(number, record)
        if record.outcome is not StepOutcome.NOT_REACHED and not self._quiet:
            say_page(page.progress(number, self._total, record, self._canvas), colour=self._canvas.colour)
