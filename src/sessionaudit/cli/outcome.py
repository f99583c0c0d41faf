"""How a command ends: its result, its messages, its exit code."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

import typer

from sessionaudit.errors import EXIT_DATABASE, EXIT_INTERRUPTED, SessionAuditError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sessionaudit.report import Canvas


def finish(command: Callable[[], int]) -> None:
    """Run a command to its exit code; every foreseen end is one message, never a traceback."""
    try:
        code = command()
        sys.stdout.flush()
    except SessionAuditError as error:
        say(f"error: {error}")
        if error.hint:
            say(f"hint: {error.hint}")
        code = error.exit_code
    except KeyboardInterrupt:
        say("\nInterrupted. Nothing was changed.")
        code = EXIT_INTERRUPTED
    except Exception as error:
        if os.environ.get("SESSIONAUDIT_DEBUG"):
            raise
        say(f"error: this is a bug in sessionaudit: {type(error).__name__} in {_where(error)}")
        say("hint: Nothing was changed. Set SESSIONAUDIT_DEBUG=1 for the traceback, and report it.")
        code = EXIT_DATABASE
    raise typer.Exit(code)


def _where(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else "an unknown place"


def say(message: str) -> None:
    """Print a message for people, on stderr."""
    sys.stderr.write(f"{message}\n")


def canvas(*, no_color: bool, verbose: bool, output: Path | None = None) -> Canvas:
    """What the result is written on: the terminal's width and colours, or none for a file or a pipe."""
    from sessionaudit.report import Canvas  # noqa: PLC0415

    terminal = output is None and sys.stdout.isatty()
    wanted = not no_color and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    colour = wanted and (terminal or bool(os.environ.get("FORCE_COLOR")))
    return Canvas(width=shutil.get_terminal_size((100, 24)).columns, colour=colour, verbose=verbose)


def deliver(text: str, output: Path | None) -> None:
    """Write the result to stdout, or into a file that is there whole or not at all.

    A reader that closes the pipe early (`| head`) has what it wanted.
    """
    if output is not None:
        _replace(output, text)
        return
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _replace(output: Path, text: str) -> None:
    from sessionaudit.errors import UsageError  # noqa: PLC0415

    draft = output.with_name(f".{output.name}.{os.getpid()}.part")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(output)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise UsageError(f"cannot write {output}: {error.strerror}") from None
