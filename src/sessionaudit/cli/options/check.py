"""The options of `check`."""

from __future__ import annotations

from typing import Annotated

import typer

from sessionaudit.cli.options import groups as g
from sessionaudit.cli.options.formats import PrintedFormat, formats_option
from sessionaudit.report.formats import FORMATS
from sessionaudit.snapshot.platform import Platform

CheckFormat = Annotated[list[PrintedFormat], formats_option(FORMATS)]
Against = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="Compare with this other database instead of a contract. It is only read.",
        show_default=False,
        rich_help_panel=g.INSTEAD,
    ),
]
Schema = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="With --against: compare this schema; may be repeated. Default: all of the user's.",
        rich_help_panel=g.INSTEAD,
    ),
]
OfPlatform = Annotated[
    Platform | None,
    typer.Option(
        "--platform",
        help="With --against: whose own schemas to leave out. Default: recognised.",
        rich_help_panel=g.INSTEAD,
    ),
]
Accept = Annotated[
    list[str] | None,
    typer.Option(
        metavar="CODE:OBJECT",
        help="First change the contract: state what the database has, for this finding; may be repeated.",
        rich_help_panel=g.CHANGES,
    ),
]
Explain = Annotated[
    bool, typer.Option("--explain", help="Print the query plan (EXPLAIN) for each invariant.", rich_help_panel=g.OUTPUT)
]
Flat = Annotated[
    bool,
    typer.Option(
        "--flat",
        help="List every finding with its details, not below what it follows from.",
        rich_help_panel=g.OUTPUT,
    ),
]
ReadOnly = Annotated[
    bool,
    typer.Option(
        "--read-only",
        help="Never compare expressions on the server, which needs a temporary table (rolled back). Expressions that "
        "differ in spelling are then reported as uncertain.",
        rich_help_panel=g.SELECTION,
    ),
]
Verbose = Annotated[
    bool,
    typer.Option(
        "--verbose",
        "-v",
        help="Print more: why each rule matters, long definitions, waived findings.",
        rich_help_panel=g.OUTPUT,
    ),
]
