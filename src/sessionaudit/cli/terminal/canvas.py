"""How wide a terminal is, and what a page is written on."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sessionaudit.report import UNBROKEN, Canvas
from sessionaudit.report.file_names import repository_of

if TYPE_CHECKING:
    from typing import TextIO

_WIDTH = 100  # the width of pages in a file or a pipe


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


def canvas(
    *, no_color: bool, verbose: bool = False, output: Path | None = None, stream: TextIO | None = None
) -> Canvas:
    """Return the canvas of the result: the terminal's width and colours, or none for a file or a pipe."""
    stream = stream or sys.stdout
    terminal = output is None and bool(stream) and stream.isatty()
    wanted = not no_color and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    colour = wanted and (terminal or bool(os.environ.get("FORCE_COLOR")))
    width = columns(stream) or _told() or _WIDTH
    return Canvas(width=width, colour=colour, verbose=verbose, top=_top())


def _top() -> Path | None:
    try:
        return repository_of(Path.cwd())
    except OSError:  # somebody removed the directory
        return None


def lines_canvas() -> Canvas:
    """Return the canvas of a page of lines: only on a terminal are lines wrapped."""
    return Canvas(width=columns(sys.stdout) or UNBROKEN)
