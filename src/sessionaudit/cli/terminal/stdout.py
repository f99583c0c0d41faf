"""Standard output, as long as it takes something."""

from __future__ import annotations

import os
import sys
from typing import TextIO

from sessionaudit.errors import UsageError


class _Stdout:
    """Records whether a part of the result was written to stdout: then an error must not be a second object there."""

    used = False


STDOUT = _Stdout()


def seen_together() -> bool:
    """Whether what is written to stdout and to stderr is seen in one place, such as a terminal or a log."""
    try:
        if sys.stdout.isatty() or sys.stderr.isatty():
            return sys.stdout.isatty() and sys.stderr.isatty()
        return os.path.sameopenfile(sys.stdout.fileno(), sys.stderr.fileno())
    except (OSError, ValueError, AttributeError):  # closed, or None if it was never open
        return False


def opened() -> TextIO:
    """Standard output, which takes any text. Raises UsageError where it is closed."""
    if not sys.stdout:
        raise UsageError("cannot write to standard output: it is closed", hint="Write to a file with --output.")
    if reconfigure := getattr(sys.stdout, "reconfigure", None):
        reconfigure(errors="backslashreplace")  # for a terminal whose encoding lacks our quotes
    return sys.stdout


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
