"""The options for baselines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sessionaudit.cli.options import groups as g

Baseline = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Findings of this file are accepted as they were: others count, and worse or changed ones.",
        readable=False,
        rich_help_panel=g.SELECTION,
    ),
]
WriteBaseline = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Write what is found now into FILE, for --baseline; what people wrote in it stays.",
        readable=False,
        rich_help_panel=g.OUTPUT,
    ),
]
