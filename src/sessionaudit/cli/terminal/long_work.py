"""Shows people on a terminal what takes long."""

from __future__ import annotations

import math
import os
import sys
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from sessionaudit.cli.terminal.aside import LINES

if TYPE_CHECKING:
    from collections.abc import Generator

    from sessionaudit.cli.terminal.activity_lines import ActivityLines

_SECONDS = 2.0  # what takes less is not worth a line
_REFRESH = 0.2  # seconds


@contextmanager
def long_work(*, quiet: bool, no_color: bool) -> Generator[None]:
    """Show on stderr what the block does, if that is a terminal, and once it has taken two seconds."""
    if quiet or LINES or not _can_be_drawn_on():
        yield
        return
    from sessionaudit.cli.terminal.activity_lines import ActivityLines

    lines, ended = ActivityLines(_SECONDS, no_color=no_color), threading.Event()
    LINES.append(lines)
    threading.Thread(target=_draw, args=(lines, ended), daemon=True).start()
    try:
        yield
    finally:
        ended.set()
        with lines.aside():
            lines.seconds = math.inf  # whatever is still being done
        LINES.remove(lines)


def _draw(lines: ActivityLines, ended: threading.Event) -> None:
    pause = _SECONDS
    with suppress(OSError, ValueError):  # the terminal is gone, or lacks our characters
        while not ended.wait(pause):
            lines.draw()
            pause = _REFRESH


def _can_be_drawn_on() -> bool:
    try:
        moves = os.environ.get("TERM", "dumb") not in {"dumb", "unknown"}
        return moves and bool(sys.stderr) and sys.stderr.isatty()
    except ValueError:  # it is closed
        return False
