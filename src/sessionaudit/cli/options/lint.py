"""The options of `lint`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Files = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[FILE]...",
        help="Contracts; what one of them includes is checked with it. Default: the contract, as other commands find "
        "it.",
        show_default=False,
    ),
]
Embedded = Annotated[
    bool,
    typer.Option(
        "--embedded",
        help="Also have PostgreSQL judge the SQL, in a private server made for this. Takes seconds.",
    ),
]
_WHAT = "this rule, code, object or glob of objects; may be repeated."
Only = Annotated[list[str] | None, typer.Option(metavar="WHAT", help=f"Only {_WHAT}")]
Ignore = Annotated[list[str] | None, typer.Option(metavar="WHAT", help=f"Exclude {_WHAT}")]
