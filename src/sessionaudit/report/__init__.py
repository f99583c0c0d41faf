"""How a report is spelled. A format is a function from a Report and a Canvas to text."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessionaudit.core.report import Report

FORMATS = {
    "table": "sessionaudit.report.formats.table",
    "json": "sessionaudit.report.formats.json_",
}


class Canvas(NamedTuple):
    """What a report is written on: its width in characters, whether it takes colours, how much to tell."""

    width: int = 100
    colour: bool = False
    verbose: bool = False


def render(report: Report, name: str, canvas: Canvas) -> str:
    """Spell a report in one of FORMATS; ends with a line break."""
    write: Callable[[Report, Canvas], str] = import_module(FORMATS[name]).render
    return write(report, canvas)
