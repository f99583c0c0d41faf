"""What every page for people is made of: lines of a width, in colours of ours, on which nothing from outside does harm.

All that a page is given may hold what came from outside, so it is made visible here, before its width is counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.visible import visible
from sessionaudit.core.wrapping import NARROWEST, command, fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.report import Canvas

_STYLES = {
    "strong": "bold",
    "faint": "dim",
    "good": "green",
    "bad": "bold red",
    "warn": "yellow",
    "error": "bold red",
    "warning": "yellow",
    "note": "cyan",
}


class Page:
    """Lines on a canvas; no page is narrower than a command's words need."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.width = max(canvas.width, NARROWEST)

    def paint(self, text: str, style: str) -> str:
        """A text in a style, where the canvas takes colours; to be counted and made visible before."""
        if not self.canvas.colour or not style:
            return text
        from rich.style import Style  # noqa: PLC0415 - without colours rich is not needed

        return Style.parse(_STYLES[style]).render(text)

    def wrapped(self, text: str, indent: int = 0, style: str = "", first: str = "") -> Iterator[str]:
        """A text as one paragraph, `indent` blanks before each line; `first` stands in those of the first."""
        lines = fold(visible(text.replace("\n", " ")), self.width - indent) if text.strip() else []
        for place, line in enumerate(lines):
            yield ("" if place else first).ljust(indent) + self.paint(line, style)

    def ended(self, text: str, end: str, style: str, first: str) -> list[str]:
        """A text behind `first`, its `end` in a style, as long as that stands on one line."""
        lines = fold(visible(f"{text}{end}"), self.width, first=first, indent=len(first))
        if lines[-1].endswith(end):
            lines[-1] = lines[-1].removesuffix(end) + self.paint(end, style)
        return lines

    def begun(self, start: str, style: str, text: str) -> list[str]:
        """A text that begins with `start`, in a style; both are visible already."""
        first, *rest = fold(start + text, self.width)
        painted = self.paint(start, style) + first.removeprefix(start) if first.startswith(start) else first
        return [painted, *rest]

    def command(self, before: str, line: str) -> list[str]:
        """A command to type, behind what it is."""
        return in_words(before, line, self.width)


def in_words(before: str, line: str, width: int) -> list[str]:
    """A command on lines of a width, behind what it is."""
    return command(visible(line), width, first=f"{before}: ", indent=8)


def message(text: str, width: int | None) -> str:
    """A message of one line, whatever it quotes; on as many as a terminal's `width` asks for, if there is one."""
    text = visible(text)
    if not width:
        return text
    lead = text[: len(text) - len(text.lstrip())]
    return "\n".join(fold(text, max(width, NARROWEST), first=lead, indent=len(lead) + 2))
