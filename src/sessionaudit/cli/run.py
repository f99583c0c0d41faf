"""Runs the command line to its exit."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, cast

import typer

from sessionaudit.cli.app import app
from sessionaudit.cli.error_result import refuse
from sessionaudit.cli.terminal.messages import say, say_page
from sessionaudit.cli.terminal.stdout import unwritable

if TYPE_CHECKING:
    from types import ModuleType

_REFUSAL = cast("type[typer.BadParameter]", typer.BadParameter.__mro__[2])  # ClickException, wherever typer keeps it
_COMPLETING = "_SESSIONAUDIT_COMPLETE"  # a shell sets it


def run() -> None:
    """Run a command; what typer says of a wrong call quotes it, and goes out as all else does."""
    if _COMPLETING in os.environ:
        # Typer would load it to take for markup what stands in brackets in our explanations.
        sys.modules["rich"] = cast("ModuleType", None)
    try:
        code = app(standalone_mode=False)
    except _REFUSAL as error:
        _refused(error)
        raise SystemExit(error.exit_code) from None
    except OSError as error:  # from --help; a command reports its own errors
        if refused := unwritable(error):
            say(f"error: {refused}")
            raise SystemExit(refused.exit_code) from None
        raise SystemExit(0) from None
    raise SystemExit(code or 0)


def _refused(error: typer.BadParameter) -> None:
    """Say why a call is refused; a call of no words is answered with the help."""
    if not sys.argv[1:]:
        say_page(error.format_message())
        return
    from sessionaudit.cli.slips.refusal import explained
    from sessionaudit.report.errors import lines

    refusal = explained(error, sys.argv[1:])
    for line in lines(refusal):
        say(line)
    refuse(refusal, sys.argv[1:])
