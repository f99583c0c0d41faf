"""The command line: which commands there are. Each has a module of its own."""

from __future__ import annotations

import sys
from io import StringIO
from typing import Annotated, cast

import typer

from sessionaudit import __version__
from sessionaudit.cli import backfill, check, demo, repair, rule, snapshot, trace, undo
from sessionaudit.cli.outcome import refuse, say, say_page, unwritable

app = typer.Typer(
    name="sessionaudit",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)

_REFUSAL = cast("type[typer.BadParameter]", typer.BadParameter.__mro__[2])  # ClickException, wherever typer keeps it


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


app.command(epilog=check.EPILOG)(check.check)
app.command(epilog=repair.EPILOG)(repair.repair)
app.command(epilog=trace.EPILOG)(trace.trace)
app.command(epilog=backfill.EPILOG)(backfill.backfill)
app.command(epilog=undo.EPILOG)(undo.undo)
app.command(epilog=snapshot.EPILOG)(snapshot.snapshot)
app.command(epilog=rule.EPILOG)(rule.rule)
app.command(epilog=demo.EPILOG)(demo.demo)


def run() -> None:
    """Run the command line to its exit; what typer says of a wrong call quotes it, and goes out as all else does."""
    try:
        code = app(standalone_mode=False)
    except _REFUSAL as error:
        said = StringIO()
        error.show(file=said)
        say_page(said.getvalue().rstrip("\n"))
        refuse(error.format_message(), sys.argv[1:])
        raise SystemExit(error.exit_code) from None
    except OSError as error:  # of --help; a command tells of its own
        if refused := unwritable(error):
            say(f"error: {refused}")
            raise SystemExit(refused.exit_code) from None
        raise SystemExit(0) from None
    raise SystemExit(code or 0)
