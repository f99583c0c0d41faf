"""The options of `report`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sessionaudit.cli.options import groups as g
from sessionaudit.cli.options.values import FailOn

if TYPE_CHECKING:
    from collections.abc import Sequence

Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="[diff] FILE...",
        help="A report that --format json wrote, or - for stdin; after the word diff, an older and a newer one.",
    ),
]
DIFF = "diff"


def compares(files: Sequence[Path]) -> bool:
    """Whether a call compares two reports."""
    return str(files[0]) == DIFF


FailOnOption = Annotated[
    FailOn | None,
    typer.Option(
        help="The lowest severity that makes the exit code 1. Default: that of the call which wrote the report.",
        metavar="SEVERITY",
        show_default=False,
        rich_help_panel=g.OUTPUT,
    ),
]
