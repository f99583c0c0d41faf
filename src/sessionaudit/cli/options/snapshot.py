"""The options of `snapshot`."""

from __future__ import annotations

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
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the file of --output if it exists.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only the contract and errors.")]
