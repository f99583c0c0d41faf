"""`sessionaudit undo`."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import Annotated

import typer

from sessionaudit.cli import options as o
from sessionaudit.cli.effect import require_effect
from sessionaudit.cli.outcome import finish

EPILOG = """\b
Examples:
  sessionaudit undo --dry-run mended.jsonl
  sessionaudit undo mended.jsonl
  sessionaudit undo --yes --invariant session_has_request mended.jsonl
  sessionaudit undo --yes --format json ~/.local/state/sessionaudit/20261126T101500Z-3f9a1c.jsonl

\b
Exit codes: 0 everything was undone, 1 some rows were refused, or a line of the journal is damaged,
2 the call is wrong or the journal is that of another database, 3 the database failed,
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
    format_: o.FormatOption = o.Format.table,
    statement_timeout: o.StatementTimeout = 120,
    quiet: o.Quiet = False,
) -> None:
    """Undo a backfill, from its journal.

    Only rows that have not been changed or referenced since.
    """

    def command() -> int:
        from sessionaudit.cli import undoing  # noqa: PLC0415

        require_effect(context, (dry_run, "with --dry-run, which asks nothing", ("yes",)))
        call = undoing.Call(
            url=o.address(database_url, role),
            journal=journal,
            invariant=invariant,
            dry=dry_run,
            yes=yes,
            json=format_ is o.Format.json,
            timeout=statement_timeout,
            quiet=quiet,
        )
        return undoing.run(call)

    finish(command, context)
