"""The options of `demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Keep = Annotated[bool, typer.Option("--keep", help="Keep the repaired server running, and print its URL.")]
Broken = Annotated[
    Path | None,
    typer.Option(metavar="DIRECTORY", help="Keep the broken system running, with everything needed to repair it."),
]
Stop = Annotated[
    Path | None, typer.Option(metavar="DIRECTORY", help="Stop the server that --broken or --keep started.")
]
Reports = Annotated[
    Path | None,
    typer.Option(metavar="DIRECTORY", help="Write the two HTML reports there. [default: a new temporary directory]"),
]
