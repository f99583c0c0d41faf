"""`sessionaudit undo`."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from sessionaudit.cli import options as o
from sessionaudit.cli.option_conflicts import require_effect
from sessionaudit.cli.outcome import confirmed, deliver, finish, lines_canvas, say
from sessionaudit.core.changes import CHANGES
from sessionaudit.core.printed_commands import CALLING
from sessionaudit.errors import EXIT_CLEAN, EXIT_FINDINGS
from sessionaudit.report.formats.undo import TABLE
from sessionaudit.report.formats.undo.page import UndoPage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessionaudit.backfill.row_changes import Did
    from sessionaudit.core.kind import ObjectPath

EPILOG = """\b
Examples:
  sessionaudit undo --dry-run backfill.jsonl
  sessionaudit undo backfill.jsonl
  sessionaudit undo --yes --invariant session_has_request backfill.jsonl
  sessionaudit undo --yes --format json ~/.local/state/sessionaudit/20261126T101500Z-3f9a1c.jsonl

\b
Exit codes: 0 everything was undone, 1 some rows were refused, or a line of the journal is damaged,
2 the options are wrong or the journal is that of another database, 3 the database failed,
5 the journal could not be written, 130 interrupted. What was committed is reported.
"""


def undo(
    context: typer.Context,
    journal: Annotated[
        Path, typer.Argument(metavar="JOURNAL", help="The journal file that `backfill` printed.", readable=False)
    ],
    database_url: o.DatabaseUrl = None,
    role: o.Role = "",
    invariant: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only what was made for this invariant.", show_default=False)
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be done, and roll back.")] = False,
    yes: o.Yes = False,
    format_: o.UndoFormat = TABLE,
    statement_timeout: o.StatementTimeout = 120,
    quiet: o.Quiet = False,
) -> None:
    """Undo a backfill, from its journal.

    Only rows that have not been changed or referenced since.
    """

    def command() -> int:
        from sessionaudit.backfill import undo_session  # noqa: PLC0415

        require_effect(context)
        url = o.address(database_url, role)
        options = undo_session.UndoOptions(
            url=url, journal=journal, invariant=invariant, dry=dry_run, timeout=statement_timeout
        )
        CHANGES.advice = f"`{CALLING.again()}` resumes, and undoes nothing twice."
        came = undo_session.undo(options, _Listener(journal, yes, quiet))
        if came is None:
            return EXIT_FINDINGS
        done = came.done
        if format_ is not TABLE or not quiet:
            page = UndoPage(done=done, journal=journal, head=came.head, invariant=invariant, dry=dry_run)
            deliver(format_.render(page, lines_canvas()), None)
        for one in done.damaged:
            say(f"{journal}: {one}.")
        if dry_run and not quiet:
            say("This was a dry run: everything was rolled back.")
        return EXIT_CLEAN if done.whole else EXIT_FINDINGS

    finish(command, context)


class _Listener(NamedTuple):
    """Prints what is about to be undone, and asks."""

    journal: Path
    yes: bool
    quiet: bool

    def due(self, head: Mapping[str, Any], rows: Mapping[ObjectPath, Mapping[Did, int]]) -> None:
        if self.quiet:
            return
        from sessionaudit.report.formats.undo.table import due  # noqa: PLC0415

        say(f"{self.journal}: run {head['run']} in the database {head.get('database')}, started {head.get('at')}.")
        say(due(rows))

    def confirmed(self) -> bool:
        return confirmed(self.yes, "Undo it?")
