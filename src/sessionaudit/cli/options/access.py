"""The options of `access`."""

from __future__ import annotations

from typing import Annotated

import typer

from sessionaudit.cli.options import groups as g
from sessionaudit.cli.options.formats import PrintedFormat, formats_option
from sessionaudit.report.formats.access import FORMATS, TABLE

AccessFormat = Annotated[list[PrintedFormat], formats_option(FORMATS)]
AS_TABLE = [PrintedFormat(TABLE)]
Objects = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[OBJECT-GLOB]...",
        help="Tables, views and functions of the contract, such as public.orders or '*_log'. Default: all.",
        show_default=False,
    ),
]
As = Annotated[
    list[str] | None,
    typer.Option(
        "--as",
        metavar="ROLE",
        help="Show what this role may do; may be repeated. Default: the roles that the contract names.",
        show_default=False,
        rich_help_panel=g.SELECTION,
    ),
]
