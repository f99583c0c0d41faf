"""How a command ends: with one message, what was committed, and its exit code."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import typer

from sessionaudit import files
from sessionaudit.cli.called import begin
from sessionaudit.cli.defaults.call_defaults import require_right_defaults
from sessionaudit.cli.error_result import deliver_error
from sessionaudit.cli.terminal.long_work import long_work
from sessionaudit.cli.terminal.messages import say
from sessionaudit.cli.terminal.stdout import STDOUT
from sessionaudit.core.changes import CHANGES
from sessionaudit.errors import EXIT_DATABASE, EXIT_INTERRUPTED, SessionAuditError
from sessionaudit.report import errors

if TYPE_CHECKING:
    from collections.abc import Callable


def finish(run: Callable[[], int], context: typer.Context) -> None:
    """Run a command, and exit; an error is one message with what was committed, never a traceback.

    With a format for programs, stdout has an object that describes the error, in addition to the message on stderr.
    """
    format_ = context.params.get("format_", "")
    CHANGES.forget()
    begin(context)
    files.forget()
    STDOUT.used = False
    try:
        require_right_defaults(context)
        with long_work(quiet=bool(context.params.get("quiet")), no_color=bool(context.params.get("no_color"))):
            code = run()
    except SessionAuditError as error:
        for line in errors.lines(error):
            say(line)
        code = error.exit_code
        deliver_error(errors.spelled_error(error), format_)
    except KeyboardInterrupt:
        say(f"\nInterrupted. {CHANGES.sentence()}")
        code = EXIT_INTERRUPTED
        deliver_error(errors.spelled_error(KeyboardInterrupt()), format_)
    except Exception as error:
        if os.environ.get("SESSIONAUDIT_DEBUG"):
            say(CHANGES.sentence())
            raise
        for line in errors.lines_of_bug(error):
            say(line)
        code = EXIT_DATABASE
        deliver_error(errors.spelled_bug(error), format_)
    for line in () if context.params.get("quiet") else errors.lines_on_commands():
        say(line)
    raise typer.Exit(code)
