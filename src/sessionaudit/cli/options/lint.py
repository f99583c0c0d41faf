"""The options of `lint`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sessionaudit.cli.options import completing
from sessionaudit.cli.options import groups as g
from sessionaudit.cli.options.contract_files import contracts
from sessionaudit.cli.options.standard_input import all_of_stdin

Files = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[FILE]...",
        help="Contracts; what one of them includes is checked with it. Default: the contract, as other commands find "
        "it.",
        callback=all_of_stdin,
        show_default=False,
        autocompletion=contracts,
    ),
]
Embedded = Annotated[
    bool,
    typer.Option(
        "--embedded",
        help="Also have PostgreSQL judge the SQL, in a private server made for this. Takes seconds.",
        rich_help_panel=g.SELECTION,
    ),
]
_WHAT = "this rule, code, object or glob of objects; may be repeated."
Only = Annotated[
    list[str] | None,
    typer.Option(metavar="WHAT", help=f"Only {_WHAT}", rich_help_panel=g.SELECTION, autocompletion=completing.rules),
]
Ignore = Annotated[
    list[str] | None,
    typer.Option(metavar="WHAT", help=f"Exclude {_WHAT}", rich_help_panel=g.SELECTION, autocompletion=completing.rules),
]
