"""The options of `snapshot`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sessionaudit.cli.options import groups as g
from sessionaudit.cli.options.contract_files import contracts
from sessionaudit.snapshot.platform import Platform

Schema = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="A schema; may be repeated. Default: all but PostgreSQL's and the platform's own.",
        rich_help_panel=g.CONTENT,
    ),
]
Only = Annotated[
    list[str] | None,
    typer.Option(metavar="GLOB", help="Only objects that a glob names; may be repeated.", rich_help_panel=g.CONTENT),
]
PlatformOption = Annotated[
    Platform | None,
    typer.Option(
        help="Whose own schemas to leave out. Default: recognised by its roles and schemas.", rich_help_panel=g.CONTENT
    ),
]
Sql = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Run this file (of pg_dump -s, or DDL) in a private server, and write the contract of what it makes.",
        readable=False,
        rich_help_panel=g.FILES,
    ),
]
Migrations = Annotated[
    Path | None,
    typer.Option(
        metavar="DIRECTORY",
        help="Like --sql, with the *.sql files of a directory in the order of their names, or Flyway's.",
        readable=False,
        rich_help_panel=g.FILES,
    ),
]
UsedBy = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="PATH",
        help="Only what this source code uses, a directory or a file; may be repeated. --schema then names the schemas "
        "that the API exposes, by default public.",
        readable=False,
        rich_help_panel=g.CONTENT,
    ),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(
        metavar="GLOB",
        help="With --used-by: leave out files and directories of this name or path; may be repeated.",
        rich_help_panel=g.CONTENT,
    ),
]
Tests = Annotated[
    bool,
    typer.Option("--include-tests", help="With --used-by: read the files of tests, too.", rich_help_panel=g.CONTENT),
]
Split = Annotated[
    Path | None,
    typer.Option(
        metavar="DIRECTORY",
        help="Write expected_schema.yaml here, with a file that it includes for each table and for the rest of each "
        "schema.",
        readable=False,
        rich_help_panel=g.NEW,
    ),
]
Overwrite = Annotated[
    bool,
    typer.Option(
        "--overwrite",
        help="Replace the file of --output, or the contract in the directory of --split.",
        rich_help_panel=g.NEW,
    ),
]
Update = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Change in this contract what differs from the database, and nothing else.",
        rich_help_panel=g.EXISTING,
        autocompletion=contracts,
    ),
]
All = Annotated[
    bool,
    typer.Option(
        "--all", help="With --update: add the objects that it does not name, too.", rich_help_panel=g.EXISTING
    ),
]
DryRun = Annotated[
    bool,
    typer.Option("--dry-run", help="With --update: print the change, and write nothing.", rich_help_panel=g.EXISTING),
]
Check = Annotated[
    bool,
    typer.Option(
        "--check",
        help="With --update: write nothing, and exit with 1 if there would be a change.",
        rich_help_panel=g.EXISTING,
    ),
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Print only the result and errors.", rich_help_panel=g.OUTPUT)
]
