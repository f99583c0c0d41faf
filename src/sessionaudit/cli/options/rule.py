"""The argument of `rule`."""

from __future__ import annotations

from typing import Annotated

import typer

from sessionaudit.cli.options import completing

Code = Annotated[
    str | None,
    typer.Argument(
        metavar="[CODE]",
        help="The code or name of a rule; or what to list: an audit, or how codes begin. Default: all.",
        autocompletion=completing.rules,
    ),
]
