"""The argument of `rule`."""

from __future__ import annotations

from typing import Annotated

import typer

from sessionaudit.cli.options import completing

Code = Annotated[
    str | None,
    typer.Argument(
        metavar="[CODE]", help="The code or the name of a rule. Default: list all.", autocompletion=completing.rules
    ),
]
