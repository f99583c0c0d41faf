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
        metavar="DIRECTORY",
        help="Like --sql, with the *.sql files of a directory in the order of their names, or Flyway's.",
        readable=False,
    ),
]
UsedBy = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="PATH",
        help="Only what this source code uses, a directory or a file; may be repeated. --schema then names the schemas "
        "that the API exposes, by default public.",
        readable=False,
    ),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(
        metavar="GLOB", help="With --used-by: leave out files and directories of this name or path; may be repeated."
    ),
]
Tests = Annotated[bool, typer.Option("--include-tests", help="With --used-by: read the files of tests, too.")]
Split = Annotated[
    Path | None,
    typer.Option(
        metavar="DIRECTORY",
        help="Write expected_schema.yaml here, with a file that it includes for each table and for the rest of each "
        "schema.",
        readable=False,
    ),
]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Replace the file of --output, or the contract in the directory of --split.")
]
Update = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Change in this contract what differs from the database, and nothing else."),
]
All = Annotated[bool, typer.Option("--all", help="With --update: add the objects that it does not name, too.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="With --update: print the change, and write nothing.")]
Check = Annotated[
    bool, typer.Option("--check", help="With --update: write nothing, and exit with 1 if there would be a change.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only the result and errors.")]
