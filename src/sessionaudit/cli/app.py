"""Collect the commands of the command line; each has its own module."""

from __future__ import annotations

from typing import Annotated

import typer

from sessionaudit import __version__
from sessionaudit.cli import check, demo, examples, rule, snapshot, trace, undo
from sessionaudit.cli.backfill import command as backfill
from sessionaudit.cli.repair import command as repair

app = typer.Typer(
    name="sessionaudit",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"sessionaudit {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Compare a live PostgreSQL database with the schema that your application expects."""


app.command(epilog=examples.CHECK)(check.check)
app.command(epilog=examples.REPAIR)(repair.repair)
app.command(epilog=examples.TRACE)(trace.trace)
app.command(epilog=examples.BACKFILL)(backfill.backfill)
app.command(epilog=examples.UNDO)(undo.undo)
app.command(epilog=examples.SNAPSHOT)(snapshot.snapshot)
app.command(epilog=examples.RULE)(rule.rule)
app.command(epilog=examples.DEMO)(demo.demo)
