"""The options of `demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sessionaudit.cli.options import groups as g

Keep = Annotated[
    bool,
    typer.Option("--keep", help="Keep the repaired server running, and print its URL.", rich_help_panel=g.SERVER),
]
Broken = Annotated[
    Path | None,
    typer.Option(
        metavar="DIRECTORY",
        help="Keep the broken system running, with everything needed to repair it.",
        rich_help_panel=g.SERVER,
    ),
]
Stop = Annotated[
    Path | None,
    typer.Option(
        metavar="DIRECTORY", help="Stop the server that --broken or --keep started.", rich_help_panel=g.SERVER
    ),
]
Reports = Annotated[
    Path | None,
    typer.Option(metavar="DIRECTORY", help="Write the two HTML reports there. [default: a new temporary directory]"),
]
