"""The options of `migrations`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sessionaudit.cli.options import baseline, completing
from sessionaudit.cli.options import groups as g
from sessionaudit.cli.options.formats import PrintedFormat, formats_option
from sessionaudit.report.formats import migrations
from sessionaudit.snapshot.platform import Platform

MigrationsFormat = Annotated[list[PrintedFormat], formats_option(migrations.FORMATS)]
Baseline = baseline.Baseline
WriteBaseline = baseline.WriteBaseline
AS_TABLE = [PrintedFormat(migrations.TABLE)]
Folder = Annotated[
    Path | None,
    typer.Option(
        metavar="DIRECTORY",
        help="The migrations, in place of those that the contract names; no contract is needed then.",
        readable=False,
        show_default=False,
        rich_help_panel=g.HISTORY,
    ),
]
Tool = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="The tool that runs them. Default: recognised.",
        show_default=False,
        rich_help_panel=g.HISTORY,
        autocompletion=completing.tools,
    ),
]
OfPlatform = Annotated[
    Platform | None,
    typer.Option(
        "--platform",
        help="What a database has before the first migration. Default: as the contract says, or as the tool implies.",
        show_default=False,
        rich_help_panel=g.HISTORY,
    ),
]
FilesOnly = Annotated[
    bool,
    typer.Option(
        "--files-only",
        help="Ask no database: only run the files in a private server, and report failures.",
        rich_help_panel=g.SELECTION,
    ),
]
ChangedSince = Annotated[
    str,
    typer.Option(
        metavar="GITREF",
        help="Report only on files that differ from this commit; those before them still run.",
        show_default=False,
        rich_help_panel=g.SELECTION,
    ),
]
File = Annotated[
    str,
    typer.Option(
        metavar="FILE",
        help="Report on this file only, with all that it does, and the locks that it takes.",
        show_default=False,
        rich_help_panel=g.SELECTION,
    ),
]
Sql = Annotated[
    str,
    typer.Option(
        "--sql",
        metavar="VERSION",
        help="Print the SQL of what is missing of this migration in the database; it can be run more than once.",
        show_default=False,
        rich_help_panel=g.CHANGES,
    ),
]
Allow = Annotated[
    list[str] | None,
    typer.Option(
        metavar="WHAT",
        help="“ledger”: correct its rows that were proven to be wrong, after confirmation. With --sql: steps with this "
        "hazard, as in repair.",
        show_default=False,
        rich_help_panel=g.CHANGES,
        autocompletion=completing.ledger_and_hazards,
    ),
]
AllowCommand = Annotated[
    bool,
    typer.Option(
        "--allow-command",
        help="Run the command under “replay” in the contract, for migrations that are programs. It can do anything.",
        rich_help_panel=g.HISTORY,
    ),
]
GoOn = Annotated[
    bool,
    typer.Option(
        "--continue/--stop",
        help="After a statement that is rejected go on with the next, or stop there as the tool would.",
        rich_help_panel=g.HISTORY,
    ),
]
