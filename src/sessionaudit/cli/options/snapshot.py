"""The options of `snapshot`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sessionaudit.snapshot.platform import Platform

Schema = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME", help="A schema; may be repeated. Default: all but PostgreSQL's and the platform's own."
    ),
]
Only = Annotated[
    list[str] | None, typer.Option(metavar="GLOB", help="Only objects that a glob names; may be repeated.")
]
PlatformOption = Annotated[
    Platform | None,
    typer.Option(help="Whose own schemas to leave out. Default: recognised by its roles and schemas."),
]
Sql = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Run this file (of pg_dump -s, or DDL) in a private server, and write the contract of what it makes.",
        readable=False,
    ),
]
Migrations = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="The same with the *.sql files of a folder, in the order of their names.",
        readable=False,
    ),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the file of --output if it exists.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only the contract and errors.")]
