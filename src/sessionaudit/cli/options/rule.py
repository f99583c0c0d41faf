"""The arguments of `rule`."""

from __future__ import annotations

from typing import Annotated

import typer

from sessionaudit.cli.options import completing

Codes = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[CODE]...",
        help="Codes or names of rules; or what to list: an audit, or how codes begin. Default: all.",
        autocompletion=completing.rules,
    ),
]
