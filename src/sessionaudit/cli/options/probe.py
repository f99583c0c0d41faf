"""The options of `probe`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from sessionaudit.cli.options import groups as g
from sessionaudit.cli.options.formats import PrintedFormat, formats_option
from sessionaudit.report.formats import probe

ProbeFormat = Annotated[list[PrintedFormat], formats_option(probe.FORMATS)]
AS_TABLE = [PrintedFormat(probe.TABLE)]


class MadeFrom(StrEnum):
    """What a private database is made from."""

    contract = "contract"
    migrations = "migrations"


Journeys = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[JOURNEY]...",
        help="Only these journeys of the contract. Default: all, and what each role may do.",
        show_default=False,
    ),
]
Execute = Annotated[
    bool,
    typer.Option(
        "--execute",
        help="Execute the journeys on the live database, after confirmation, and roll back.",
        rich_help_panel=g.EXECUTION,
    ),
]
Embedded = Annotated[
    bool,
    typer.Option(
        "--embedded",
        help="Execute them in a private server, made for this. The default where no database is named (-d, "
        "$DATABASE_URL, PG*).",
        rich_help_panel=g.EXECUTION,
    ),
]
From = Annotated[
    MadeFrom,
    typer.Option(
        "--from", help="With --embedded: what the private database is made from.", rich_help_panel=g.EXECUTION
    ),
]
