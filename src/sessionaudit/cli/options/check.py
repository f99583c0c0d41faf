"""The options of `check`."""

from __future__ import annotations

from typing import Annotated

import typer

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
    ),
]
Schema = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME", help="With --against: compare this schema; may be repeated. Default: all of the user's."
    ),
]
OfPlatform = Annotated[
    Platform | None,
    typer.Option("--platform", help="With --against: whose own schemas to leave out. Default: recognised."),
]
Accept = Annotated[
    list[str] | None,
    typer.Option(
        metavar="CODE:OBJECT",
        help="First change the contract: state what the database has, for this finding; may be repeated.",
    ),
]
Explain = Annotated[bool, typer.Option("--explain", help="Print the query plan (EXPLAIN) for each invariant.")]
Flat = Annotated[
    bool, typer.Option("--flat", help="List every finding with its details, not below what it follows from.")
]
ReadOnly = Annotated[
    bool,
    typer.Option(
        "--read-only",
        help="Never compare expressions on the server, which needs a temporary table (rolled back). Expressions that "
        "differ in spelling are then reported as uncertain.",
    ),
]
Verbose = Annotated[
    bool,
    typer.Option("--verbose", "-v", help="Print more: why each rule matters, long definitions, waived findings."),
]
