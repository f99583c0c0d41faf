"""Runs the command line to its exit."""

from __future__ import annotations

import sys
from io import StringIO
from typing import cast

import typer

from sessionaudit.cli.app import app
from sessionaudit.cli.error_result import refuse
from sessionaudit.cli.terminal.messages import say, say_page
from sessionaudit.cli.terminal.stdout import unwritable

_REFUSAL = cast("type[typer.BadParameter]", typer.BadParameter.__mro__[2])  # ClickException, wherever typer keeps it


def run() -> None:
    """Run a command; what typer says of a wrong call quotes it, and goes out as all else does."""
    try:
        code = app(standalone_mode=False)
    except _REFUSAL as error:
        said = StringIO()
        error.show(file=said)
        say_page(said.getvalue().rstrip("\n"))
        refuse(error.format_message(), sys.argv[1:])
        raise SystemExit(error.exit_code) from None
    except OSError as error:  # from --help; a command reports its own errors
        if refused := unwritable(error):
            say(f"error: {refused}")
            raise SystemExit(refused.exit_code) from None
        raise SystemExit(0) from None
    raise SystemExit(code or 0)
