"""The options of `backfill`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sessionaudit.cli.options import groups as g
from sessionaudit.cli.options.formats import RowsPageFormat, format_option
from sessionaudit.cli.options.values import seconds
from sessionaudit.report.formats import broken_rows

Ids = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[ID]...",
        help="Ids of the rows to repair, or other values under “by” in the contract; - reads them from stdin.",
    ),
]
Invariant = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="The invariant to repair. Default: the one with “backfill: true”; with --all or --list, every invariant.",
        rich_help_panel=g.ROWS,
    ),
]
All = Annotated[
    bool,
    typer.Option(
        "--all", help="Repair every broken row, of one invariant or of all with a repair.", rich_help_panel=g.ROWS
    ),
]
List = Annotated[
    bool,
    typer.Option(
        "--list", help="Change nothing; list every broken row, of one invariant or of all.", rich_help_panel=g.ROWS
    ),
]
Since = Annotated[
    str,
    typer.Option(
        metavar="TIME",
        help="With --all or --list: only rows since this time, in any format that PostgreSQL accepts.",
        rich_help_panel=g.ROWS,
    ),
]
Limit = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="N",
        help="With --all or --list: at most this many rows of each invariant.",
        rich_help_panel=g.ROWS,
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="With --list: write it to FILE, atomically.",
        readable=False,
        rich_help_panel=g.OUTPUT,
    ),
]
KeepOlder = Annotated[
    bool,
    typer.Option("--keep-older", help="Do not change the rows that the new ones supersede.", rich_help_panel=g.CHANGES),
]
Jobs = Annotated[
    int,
    typer.Option(
        metavar="N", min=1, max=16, help="With --all: how many batches run in parallel.", rich_help_panel=g.PACE
    ),
]
Target = Annotated[
    float,
    typer.Option(
        parser=seconds(), metavar="SECONDS", help="With --all: how long a batch should take.", rich_help_panel=g.PACE
    ),
]
MaxLag = Annotated[
    float | None,
    typer.Option(
        parser=seconds(0),
        metavar="SECONDS",
        help="With --all: wait while a replica lags behind by more than this.",
        rich_help_panel=g.PACE,
    ),
]
PauseFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="With --all: wait while this file exists.", rich_help_panel=g.PACE)
]
JournalFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Where to record the changes; resumes from an existing journal.", rich_help_panel=g.CHANGES
    ),
]
Undo = Annotated[bool, typer.Option("--undo", hidden=True)]
RowsFormat = Annotated[
    RowsPageFormat, format_option(broken_rows.FORMATS, "How to print it; csv and jsonl (JSON lines) with --list.")
]
