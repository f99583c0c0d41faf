"""The options of `scan`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sessionaudit.cli.options import groups as g
from sessionaudit.cli.options.formats import PrintedFormat, formats_option
from sessionaudit.report.formats import FORMATS

ScanFormat = Annotated[list[PrintedFormat], formats_option(tuple(one for one in FORMATS if not one.of_checklist))]


class Against(StrEnum):
    """What judges the code."""

    database = "database"
    contract = "contract"
    migrations = "migrations"


Paths = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[PATH]...",
        help="Directories and files of source code, in place of those that the contract names.",
        show_default=False,
    ),
]
JudgedBy = Annotated[
    Against | None,
    typer.Option(
        "--against",
        metavar="WHAT",
        help="What judges the code: the live database, or a private one made of the contract or of its migrations "
        "(database, contract, migrations). Default: the database if -d or $DATABASE_URL names one, else the contract.",
        show_default=False,
        rich_help_panel=g.CODE,
    ),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(
        metavar="GLOB",
        help="Leave out files and directories of this name or path; may be repeated.",
        rich_help_panel=g.CODE,
    ),
]
Tests = Annotated[bool, typer.Option("--include-tests", help="Read the files of tests, too.", rich_help_panel=g.CODE)]
Schemas = Annotated[
    list[str] | None,
    typer.Option(
        "--schema",
        metavar="NAME",
        help="A schema that the API exposes; may be repeated. Default: that of the contract, else public.",
        show_default=False,
        rich_help_panel=g.CODE,
    ),
]
