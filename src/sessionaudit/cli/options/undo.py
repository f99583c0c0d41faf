"""The options of `undo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sessionaudit.cli.options import groups as g
from sessionaudit.cli.options.formats import PageFormat, format_option
from sessionaudit.report.formats import undo

JournalFile = Annotated[
    Path, typer.Argument(metavar="JOURNAL", help="The journal file that `backfill` printed.", readable=False)
]
Invariant = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="Only what was made for this invariant.", show_default=False, rich_help_panel=g.ROWS
    ),
]
Others = Annotated[
    list[Path] | None,
    typer.Option(
        "--undone",
        metavar="JOURNAL",
        help="The journal of a later run over the same rows, which was undone; only if it is elsewhere. Repeatable.",
        show_default=False,
        rich_help_panel=g.ROWS,
    ),
]
UndoFormat = Annotated[PageFormat, format_option(undo.FORMATS, "How to print the report.")]
