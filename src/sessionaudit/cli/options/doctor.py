"""The options of `doctor`."""

from __future__ import annotations

from typing import Annotated

import typer

from sessionaudit.cli.options.formats import PageFormat, format_option
from sessionaudit.report.formats import doctor

DoctorFormat = Annotated[PageFormat, format_option(doctor.FORMATS, "How to print the report.")]
Commands = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[COMMAND]...",
        help="Only what these commands need, such as check. Default: all.",
        show_default=False,
    ),
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Print all facts.")]
