"""The options of `doctor`."""

from __future__ import annotations

from typing import Annotated

import typer

from sessionaudit.cli.options import groups as g
from sessionaudit.cli.options.formats import PageFormat, format_option
from sessionaudit.cli.summaries import command_names
from sessionaudit.report.formats import doctor

DoctorFormat = Annotated[PageFormat, format_option(doctor.FORMATS, "How to print the report.")]
Commands = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[COMMAND]...",
        help="Only what these commands need, such as check. Default: all.",
        show_default=False,
        autocompletion=command_names,
    ),
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Print all facts.", rich_help_panel=g.OUTPUT)]
