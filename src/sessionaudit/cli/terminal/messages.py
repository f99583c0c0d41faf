"""Messages for people, on stderr."""

from __future__ import annotations

import contextlib
import sys

from sessionaudit.cli.terminal.aside import aside
from sessionaudit.cli.terminal.canvas import columns
from sessionaudit.core.printed_commands import CALLING
from sessionaudit.core.visible import visible_page
from sessionaudit.core.wrapping import NARROWEST
from sessionaudit.report import page


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


def say_page(text: str, *, colour: bool = False) -> None:
    """Print a text of several lines on stderr; with `colour` it may contain colour codes."""
    CALLING.printed(text)
    with contextlib.suppress(OSError, ValueError, AttributeError):  # closed, or None if it was never open
        if reconfigure := getattr(sys.stderr, "reconfigure", None):
            reconfigure(errors="backslashreplace")  # for a terminal whose encoding lacks our quotes
        with aside():
            sys.stderr.write(f"{visible_page(text, colour=colour)}\n")
            sys.stderr.flush()
