"""Standard output, as long as it takes something."""

from __future__ import annotations

import os
import sys
from typing import TextIO

from sessionaudit.errors import UsageError


class _Stdout:
    """Whether a command has written something of its result to stdout: an error may be no second object there."""

    used = False


STDOUT = _Stdout()


def opened() -> TextIO:
    """Standard output, which takes any text. Raises UsageError where it is closed."""
    if not sys.stdout:
        raise UsageError("cannot write to standard output: it is closed", hint="Write to a file with --output.")
    if reconfigure := getattr(sys.stdout, "reconfigure", None):
        reconfigure(errors="backslashreplace")  # for a terminal that does not know our quotes
    return sys.stdout


def unwritable(error: OSError) -> UsageError | None:
    """The error of a standard output that takes no more; None where its reader has gone, who has what it wanted."""
    mute()
    if isinstance(error, BrokenPipeError):
        return None
    return UsageError(f"cannot write to standard output: {error.strerror}", hint="Write to a file with --output.")


def mute() -> None:
    """Leave nothing that Python would try to write again, and complain of, when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
