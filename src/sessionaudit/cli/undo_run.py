"""What `sessionaudit undo` does: the session is called, and what came of it is printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sessionaudit.backfill import undo_session
from sessionaudit.cli.terminal.canvas import lines_canvas
from sessionaudit.cli.terminal.messages import say, say_command
from sessionaudit.cli.terminal.question import confirmed
from sessionaudit.cli.terminal.result import deliver
from sessionaudit.core.changes import CHANGES
from sessionaudit.core.printed_commands import CALLING
from sessionaudit.errors import EXIT_CLEAN, EXIT_FINDINGS
from sessionaudit.report.formats.undo import TABLE
from sessionaudit.report.formats.undo.content import UndoPage
from sessionaudit.report.formats.undo.table import due, next_commands, remarks, run_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sessionaudit.backfill.row_changes import Did
    from sessionaudit.cli.options.formats import PageFormat
    from sessionaudit.core.kind import ObjectPath


def run(options: undo_session.UndoOptions, format_: PageFormat, *, yes: bool, quiet: bool) -> int:
    """Undo what a journal tells of, and return the exit code. Raises SessionAuditError."""
    journal, dry = options.journal, options.dry
    CHANGES.advice = f"`{CALLING.again()}` resumes, and undoes nothing twice."
    came = undo_session.undo(options, _Listener(journal, yes, quiet))
    if came is None:
        return EXIT_FINDINGS
    done = came.done
    if format_ is not TABLE or not quiet:
        page = UndoPage(done=done, journal=journal, head=came.head, invariant=options.invariant, dry=dry)
        deliver(format_.render(page, lines_canvas()), None)
    for one in done.damaged:
        say(f"{journal}: {one}.")
    for line in () if quiet else remarks(done, dry=dry):
        say(line)
    for before, line in () if quiet else next_commands(done):
        say_command(before, line)
    return EXIT_CLEAN if done.whole else EXIT_FINDINGS


class _Listener(NamedTuple):
    journal: Path
    yes: bool
    quiet: bool

    def due(self, head: Mapping[str, Any], rows: Mapping[ObjectPath, Mapping[Did, int]]) -> None:
        for line in () if self.quiet else (run_of(self.journal, head), due(rows)):
            say(line)

    def confirmed(self) -> bool:
        return confirmed(self.yes, "Undo it?")
