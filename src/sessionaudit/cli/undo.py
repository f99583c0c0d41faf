"""`sessionaudit undo`."""

from __future__ import annotations

import typer  # noqa: TC002 - typer reads the annotations

from sessionaudit.cli.ending import finish
from sessionaudit.cli.options import shared as o
from sessionaudit.cli.options import undo as u
from sessionaudit.cli.options.effect import require_effect
from sessionaudit.cli.options.values import address
from sessionaudit.report.formats.undo import TABLE


def undo(
    context: typer.Context,
    journal: u.JournalFile,
    database_url: o.DatabaseUrl = None,
    role: o.Role = "",
    invariant: u.Invariant = None,
    undone: u.Others = None,
    dry_run: o.DryRun = False,
    yes: o.Yes = False,
    format_: u.UndoFormat = TABLE,
    statement_timeout: o.StatementTimeout = 120,
    quiet: o.Quiet = False,
) -> None:
    """Undo a backfill, from its journal.

    Only rows that have not been changed or referenced since; of several runs over the
    same rows, undo the last one first. A repair is undone by the
    command that it printed at its end; it is also in the first lines of its .before.yaml.
    """

    def command() -> int:
        from sessionaudit.backfill.undo_session import UndoOptions
        from sessionaudit.cli import undo_run

        require_effect(context)
        url = address(database_url, role)
        options = UndoOptions(
            url=url,
            journal=journal,
            invariant=invariant,
            others=tuple(undone or ()),
            dry=dry_run,
            timeout=statement_timeout,
        )
        return undo_run.run(options, format_, yes=yes, quiet=quiet)

    finish(command, context)
