"""End a command: print its result and messages, and exit."""

from __future__ import annotations

import contextlib
import itertools
import os
import sys
from typing import TYPE_CHECKING, Any

import typer

from sessionaudit.cli.called import begin
from sessionaudit.core.changes import CHANGES
from sessionaudit.core.printed_commands import CALLING
from sessionaudit.core.visible import spelled_json, visible, visible_page
from sessionaudit.core.wrapping import NARROWEST
from sessionaudit.errors import EXIT_DATABASE, EXIT_INTERRUPTED, EXIT_USAGE, SessionAuditError, UsageError
from sessionaudit.report import page
from sessionaudit.writing import replace_file

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from typing import TextIO

    from sessionaudit.report import Canvas

_MOST_ERRORS = 50  # of a contract; they fit on one or two screens


_WIDTH = 100  # the width of pages in a file or a pipe
_WITHHELD = "The URL is printed without its password: set PGPASSWORD, or use ~/.pgpass."


class _Stdout:
    """Records whether a part of the result was written to stdout: then an error must not be a second object there."""

    used = False


STDOUT = _Stdout()


def finish(run: Callable[[], int], context: typer.Context) -> None:
    """Run a command, and exit; an error is one message with what was committed, never a traceback.

    With a format for programs, stdout has an object that describes the error, in addition to the message on stderr.
    """
    format_ = str(context.params.get("format_", ""))
    CHANGES.forget()
    begin(context)
    STDOUT.used = False
    try:
        code = run()
    except SessionAuditError as error:
        done = CHANGES.sentence() if CHANGES.any else ""
        _say_error(error, done)
        if done:
            say(done)
        code = error.exit_code
        _tell(spelled_error(error), format_)
    except KeyboardInterrupt:
        say(f"\nInterrupted. {CHANGES.sentence()}")
        code = EXIT_INTERRUPTED
        _tell(spelled_error(KeyboardInterrupt()), format_)
    except Exception as error:
        if os.environ.get("SESSIONAUDIT_DEBUG"):
            say(CHANGES.sentence())
            raise
        told = f"this is a bug in sessionaudit: {type(error).__name__} in {_where(error)}"
        say(f"error: {told}")
        say(f"hint: {CHANGES.sentence()} Set SESSIONAUDIT_DEBUG=1 for the traceback, and report it.")
        code = EXIT_DATABASE
        _tell(_error("bug", told, code), format_)
    if CALLING.withheld and not context.params.get("quiet"):
        say(_WITHHELD)
    raise typer.Exit(code)


def _say_error(error: SessionAuditError, done: str) -> None:
    others = getattr(error, "more", ())
    for one in (error, *others[: _MOST_ERRORS - 1]):
        say(f"error: {one}")
        hint = one.hint.strip()
        if hint and hint not in done and hint not in str(one):
            say(f"hint: {hint}")
    if len(others) >= _MOST_ERRORS:
        say(f"error: and {len(others) + 1 - _MOST_ERRORS:,} more")


def spelled_error(error: SessionAuditError | KeyboardInterrupt) -> dict[str, Any]:
    """Return an error as an object for programs, which replaces the result or is a part of it."""
    if isinstance(error, KeyboardInterrupt):
        return _error("interrupted", "Interrupted.", EXIT_INTERRUPTED)
    told = _error(error.kind, error.message, error.exit_code, error.hint, _place(error))
    if more := [
        {"message": one.message, "hint": one.hint, "location": _place(one)} for one in getattr(error, "more", ())
    ]:
        told["error"]["more"] = more
    return told


def _place(error: SessionAuditError) -> dict[str, Any] | None:
    place = getattr(error, "location", None)
    return {"file": place.file, "line": place.line, "column": place.column} if place else None


def _error(
    kind: str, message: str, code: int, hint: str = "", location: dict[str, Any] | None = None
) -> dict[str, Any]:
    told = {"kind": kind, "exit_code": code, "message": message, "hint": hint, "location": location}
    return {"version": 1, "error": {**told, "committed": CHANGES.sentence() if CHANGES.any else None}}


def refuse(message: str, arguments: Sequence[str]) -> None:
    """Print an error of the arguments as an object, if they request a format for programs."""
    words = [word for one in arguments for word in (one.split("=", 1) if one.startswith("--") else [one])]
    words = [part for word in words for part in (("-f", word[2:]) if word[:2] == "-f" and word[2:] else (word,))]
    asked = [after for word, after in itertools.pairwise(words) if word in {"-f", "--format"}]
    STDOUT.used = False
    _tell(_error("usage", message, EXIT_USAGE), asked[-1] if asked else "")


def _tell(error: dict[str, Any], format_: str) -> None:
    """Print the error object, unless a part of the result has been printed."""
    if format_ in {"json", "jsonl"} and not STDOUT.used:
        with contextlib.suppress(SessionAuditError):  # stdout itself may have failed
            deliver(spelled_json(error, indent=2 if format_ == "json" else None) + "\n", None)


def _where(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else "an unknown place"


def say(message: str) -> None:
    """Print a message for people on stderr, if it is open, on one line.

    On a terminal it is wrapped to the width.
    """
    start, end = len(message) - len(message.lstrip("\n")), len(message.rstrip("\n"))
    text = page.message(message[start:end], columns(sys.stderr))
    say_page(message[:start] + text + message[max(start, end) :])


def say_command(before: str, line: str) -> None:
    """Print a command to type, on stderr."""
    width = columns(sys.stderr)
    room = max(width, NARROWEST) if width else sys.maxsize
    say_page("\n".join(page.in_words(before, line, room)))


def columns(stream: TextIO | None) -> int | None:
    """Return a terminal's width, from COLUMNS or the terminal; None for a file or a pipe."""
    try:
        if not stream or not stream.isatty():
            return None
        return _told() or os.get_terminal_size(stream.fileno()).columns or None
    except (OSError, ValueError, AttributeError):
        return None


def _told() -> int:
    """Return the width in COLUMNS; 0 if it is not set."""
    given = os.environ.get("COLUMNS", "")
    return int(given) if given.isascii() and given.isdigit() else 0


def say_page(text: str, *, colour: bool = False) -> None:
    """Print a text of several lines on stderr; with `colour` it may contain colour codes."""
    CALLING.printed(text)
    with contextlib.suppress(OSError, ValueError, AttributeError):  # closed, or None if it was never open
        if reconfigure := getattr(sys.stderr, "reconfigure", None):
            reconfigure(errors="backslashreplace")  # for a terminal whose encoding lacks our quotes
        sys.stderr.write(f"{visible_page(text, colour=colour)}\n")
        sys.stderr.flush()


def confirmed(yes: bool, question: str, *, otherwise: str = "Nothing was changed.") -> bool:
    """Ask for confirmation, unless it was given by --yes. Raises UsageError if there is no terminal."""
    if yes:
        return True
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr and sys.stderr.isatty()):
        raise UsageError(
            "there is no terminal to ask on; nothing was changed", hint="Pass --yes to proceed without asking."
        )
    sys.stderr.write(f"{visible(question)} [y/N] ")
    sys.stderr.flush()
    agreed = sys.stdin.readline().strip().lower() in {"y", "yes"}
    if not agreed:
        say(otherwise)
    return agreed


def canvas(
    *, no_color: bool, verbose: bool = False, output: Path | None = None, stream: TextIO | None = None
) -> Canvas:
    """Return the canvas of the result: the terminal's width and colours, or none for a file or a pipe."""
    from sessionaudit.report import Canvas  # noqa: PLC0415

    stream = stream or sys.stdout
    terminal = output is None and bool(stream) and stream.isatty()
    wanted = not no_color and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    colour = wanted and (terminal or bool(os.environ.get("FORCE_COLOR")))
    return Canvas(width=columns(stream) or _told() or _WIDTH, colour=colour, verbose=verbose)


def lines_canvas() -> Canvas:
    """Return the canvas of a page of lines: only on a terminal are lines wrapped."""
    from sessionaudit.report import UNBROKEN, Canvas  # noqa: PLC0415

    return Canvas(width=columns(sys.stdout) or UNBROKEN)


def deliver(text: str, output: Path | None, *, colour: bool = False) -> None:
    """Write the result to stdout, or atomically to a file.

    Invisible characters are escaped, except our colour codes; JSON and SQL have escaped them in their own way before.
    It is not an error if a reader closes the pipe early (`| head`).
    """
    CALLING.printed(text)
    text = visible_page(text, colour=colour)
    if output is not None:
        replace_file(output, text)
        return
    if not sys.stdout:
        raise UsageError("cannot write to standard output: it is closed", hint="Write to a file with --output.")
    STDOUT.used = True
    if reconfigure := getattr(sys.stdout, "reconfigure", None):
        reconfigure(errors="backslashreplace")  # for a terminal whose encoding lacks our quotes
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        if refused := unwritable(error):
            raise refused from None


def unwritable(error: OSError) -> UsageError | None:
    """Return the error for a failure to write to stdout; None if its reader has closed the pipe."""
    mute()
    if isinstance(error, BrokenPipeError):
        return None
    return UsageError(f"cannot write to standard output: {error.strerror}", hint="Write to a file with --output.")


def mute() -> None:
    """Discard what Python would try to write, and report, at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
