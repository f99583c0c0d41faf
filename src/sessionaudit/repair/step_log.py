"""The log of the steps of a repair, as JSON lines."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from sessionaudit import files
from sessionaudit.core.visible import spelled_json
from sessionaudit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import TextIO

    from sessionaudit.core.step import Step
    from sessionaudit.postgres.locks import Blocker
    from sessionaudit.repair.apply import Record

_BEGINNING = b'{"at": "'


def require_log(file: Path | None) -> None:
    """Refuse to append to a file that is no log of a repair, before any work is done. Raises UsageError."""
    if file is None:
        return
    with suppress(OSError):  # reported when it is opened
        if not file.is_file():  # a pipe or a device must not be read
            return
        with file.open("rb") as opened:
            beginning = opened.read(len(_BEGINNING))
        if files.was_read(file):
            raise UsageError(f"--log would write into {file}, which this call reads", hint="Name another file.")
        if beginning and beginning != _BEGINNING:
            raise UsageError(
                f"--log would write into {file}, which is no log of a repair",
                hint="Name another file, or remove this one first.",
            )


class StepLog:
    """A listener of `apply` that appends to a file, and a context manager; without a file it writes nothing.

    `warn` is told once where the file cannot be written any more.
    """

    def __init__(self, file: Path | None, warn: Callable[[str], None]) -> None:
        self._file = file
        self._warn = warn
        self._log: TextIO | None = None

    def __enter__(self) -> Self:
        """Raise UsageError where the file cannot be written."""
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
        """Note that a step begins."""
        self._note(event="begins", number=number, step=step.action, object=str(step.ref), sql=list(step.statements))

    def waits(self, step: Step, blockers: list[Blocker], seconds_left: float) -> None:  # noqa: ARG002 - for who tells people
        """Note who holds the lock."""
        self._note(event="waits", step=step.action, blockers=[str(one) for one in blockers])

    def rows_repaired(self, step: Step, done: int, total: int) -> None:
        """Note how far a data repair is."""
        self._note(event="mends", step=step.action, done=done, total=total, repair=step.repair)

    def ends(self, number: int, record: Record) -> None:
        """Note what became of a step."""
        self._note(
            event="ends",
            number=number,
            step=record.step.action,
            outcome=str(record.outcome),
            detail=record.detail,
            seconds=round(record.seconds, 3),
            rows=record.rows,
        )

    def _note(self, **what: Any) -> None:
        if self._log is None:
            return
        now = dt.datetime.now(tz=dt.UTC).isoformat(timespec="milliseconds")
        try:
            self._log.write(spelled_json({"at": now, **what}, indent=None) + "\n")
            self._log.flush()
        except OSError as error:
            reason = f"the log {self._file} cannot be written ({error.strerror})"
            self._warn(f"warning: {reason}; the repair continues without it.")
            with suppress(OSError):
                self._log.close()
            self._log = None
