"""Keeps what is written on a terminal apart from the lines that tell what is being done."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

    from sessionaudit.cli.terminal.activity_lines import ActivityLines

LINES: list[ActivityLines] = []  # at most one: a command that calls others shows what these do


@contextmanager
def aside(*, anew: bool = False) -> Generator[None]:
    """Keep the screen free for what the block writes; `anew` says that it waits for a person."""
    if not LINES:
        yield
        return
    with LINES[0].aside(anew=anew):
        yield
