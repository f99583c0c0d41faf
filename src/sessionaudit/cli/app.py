"""The command line: its commands are in modules of their own, each of which is loaded when it is called."""

from __future__ import annotations

from typing import Annotated

import typer

from sessionaudit import __version__
from sessionaudit.cli import examples
from sessionaudit.cli.commands import Group

app = typer.Typer(
    name="sessionaudit",
    cls=Group,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog=examples.PROGRAM,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"sessionaudit {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", "-V", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Compare a live PostgreSQL database with the schema that your application expects."""
