"""The options of `report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sessionaudit.cli.options import groups as g
from sessionaudit.cli.options.contract_files import reports
from sessionaudit.cli.options.formats import PrintedFormat, formats_option
from sessionaudit.cli.options.values import FailOn
from sessionaudit.report.formats.difference import FORMATS

Files = Annotated[
    list[Path],
    typer.Argument(metavar="FILE", help="A report that --format json wrote, or - for stdin.", autocompletion=reports),
]
Older = Annotated[Path, typer.Argument(metavar="OLDER", help="A report that --format json wrote, or - for stdin.")]
Newer = Annotated[Path, typer.Argument(metavar="NEWER", help="Another one, written later.")]
DifferenceFormat = Annotated[list[PrintedFormat], formats_option(FORMATS)]
FailOnNewOption = Annotated[
    FailOn | None,
    typer.Option(
        help="The lowest severity of what is new, worse or changed that makes the exit code 1. Default: that of NEWER.",
        metavar="SEVERITY",
        show_default=False,
        rich_help_panel=g.OUTPUT,
    ),
]
FailOnOption = Annotated[
    FailOn | None,
    typer.Option(
        help="The lowest severity that makes the exit code 1. Default: that of the call which wrote the report.",
        metavar="SEVERITY",
        show_default=False,
        rich_help_panel=g.OUTPUT,
    ),
]
