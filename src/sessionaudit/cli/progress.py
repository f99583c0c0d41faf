"""Report the progress of a repair: to stderr, and to a log of JSON lines."""

from __future__ import annotations

import datetime as dt
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sessionaudit.cli.outcome import confirmed, say, say_page
from sessionaudit.core.changes import CHANGES
from sessionaudit.core.counting import counted
from sessionaudit.core.visible import spelled_json
from sessionaudit.errors import UsageError
from sessionaudit.repair.apply import Outcome
from sessionaudit.report import plan as page

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TextIO

    from sessionaudit.core.step import Step
    from sessionaudit.postgres.locks import Blocker
    from sessionaudit.repair.apply import Record
    from sessionaudit.repair.propose import Proposal
    from sessionaudit.repair.way_back import WayBack
    from sessionaudit.report import Canvas

_REMINDER = 10.0  # seconds; waiting for the same lock is reported again after this time


class Rounds:
    """A listener of a session: asks whether to apply a plan, unless `yes` is set, and prints the progress."""

    def __init__(self, canvas: Canvas, *, log: Path | None, yes: bool, quiet: bool) -> None:
        self._canvas = canvas
        self._log = log
        self._yes = yes
        self._quiet = quiet

    def agrees(self, proposal: Proposal, *, again: bool) -> bool:
        """Show the plan and ask. Raises UsageError if there is no terminal."""
        if not (self._quiet and self._yes):
            self.refuses(proposal)
        question = f"Apply {counted(len(proposal.plan.steps), 'step')} to {proposal.report.database}?"
        otherwise = "They were not applied." if again else "Nothing was changed."
        return confirmed(self._yes, question, otherwise=otherwise)

    def refuses(self, proposal: Proposal) -> None:
        """Show the plan, with its obstacles."""
        say_page(page.table(proposal, self._canvas), colour=self._canvas.colour)

    def applies(self, proposal: Proposal) -> Steps:
        """Return the listener for the steps."""
        return Steps(self._log, len(proposal.plan.steps), self._canvas, quiet=self._quiet)

    def leads_back(self, way: WayBack) -> None:
        """Print the path of the file."""
        after = f"; to go back further, apply afterwards: {way.after_it}" if way.after_it else ""
        self._say(f"The previous state is saved in {way.file}{after}")

    def changed_nothing(self, way: WayBack) -> None:
        """Say that the file was deleted."""
        self._say(f"Nothing was changed, so {way.file} was removed.")

    def _say(self, text: str) -> None:
        if not self._quiet:
            say(text)


class Steps:
    """A listener of `apply`, and a context manager. Raises UsageError if the log cannot be written."""

    def __init__(self, log: Path | None, total: int, canvas: Canvas, *, quiet: bool) -> None:
        self._quiet = quiet
        self._total = total
        self._canvas = canvas
        self._file = log
        self._log: TextIO | None = None
        self._told: tuple[str, float] = ("", 0.0)

    def __enter__(self) -> Steps:
        if self._file:
            try:
                self._log = self._file.open("a", encoding="utf-8")
            except OSError as error:
                raise UsageError(f"cannot write the log {self._file}: {error.strerror}") from None
        return self

    def __exit__(self, *_: object) -> None:
        if self._log:
            with suppress(OSError):  # an error was reported when it was written
                self._log.close()

    def begins(self, number: int, step: Step) -> None:
        """Log that a step begins, and print it if the step may take long."""
        self._note(event="begins", number=number, step=step.action, object=str(step.ref), sql=list(step.statements))
        if step.timeout is None:
            self._say(f"[{number}/{self._total}] {step.action} …")

    def waits(self, step: Step, blockers: list[Blocker], seconds_left: float) -> None:
        """Print who holds the lock, if it has not just been printed."""
        self._note(event="waits", step=step.action, blockers=[str(one) for one in blockers])
        holders = ",".join(str(one.pid) for one in blockers)
        known, at = self._told
        if holders == known and time.monotonic() - at < _REMINDER:
            return
        self._told = (holders, time.monotonic())
        who = "; ".join(map(str, blockers)) or "a session that has ended"
        self._say(f"waiting for a lock, at most {seconds_left:.0f} s more: {who}")

    def rows_repaired(self, step: Step, done: int, total: int) -> None:
        """Report the progress of a data repair: a batch was committed."""
        CHANGES.committed(1, "batch of rows")
        self._note(event="mends", step=step.action, done=done, total=total, repair=step.repair)
        self._say(f"{step.repair}: {done} of {total} rows processed")

    def ends(self, number: int, record: Record) -> None:
        """Report the result of a step; the summary reports those that were not reached."""
        if record.outcome is Outcome.APPLIED:
            CHANGES.committed(1, "step")
        elif record.outcome is Outcome.IN_DOUBT:
            CHANGES.doubtful(1, "step")
        self._note(
            event="ends",
            number=number,
            step=record.step.action,
            outcome=str(record.outcome),
            detail=record.detail,
            seconds=round(record.seconds, 3),
            rows=record.rows,
        )
        if record.outcome is not Outcome.NOT_REACHED:
            told = page.progress(number, self._total, record, self._canvas)
            if not self._quiet:
                say_page(told, colour=self._canvas.colour)

    def _say(self, text: str) -> None:
        if not self._quiet:
            say(text)

    def _note(self, **what: Any) -> None:
        if self._log is None:
            return
        now = dt.datetime.now(tz=dt.UTC).isoformat(timespec="milliseconds")
        try:
            self._log.write(spelled_json({"at": now, **what}, indent=None) + "\n")
            self._log.flush()
        except OSError as error:
            say(f"warning: the log {self._file} cannot be written ({error.strerror}); the repair continues without it.")
            with suppress(OSError):
                self._log.close()
            self._log = None
