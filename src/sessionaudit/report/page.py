"""Build pages for people: wrapped lines, with colours, and without harmful characters from outside.

Every text of a page may contain text from outside, so it is escaped here, before its width is measured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from sessionaudit.core.visible import visible
from sessionaudit.core.wrapping import NARROWEST, command, fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessionaudit.core.finding import Location
    from sessionaudit.report import Canvas

_LEAST_SHOWN = 20  # characters of a line
_SHORT = 12  # characters of a description beside which a command may be wrapped
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


T = TypeVar("T")


def whole(lines: Iterable[str]) -> str:
    """Return lines as a text, which ends with a line break."""
    return "\n".join(lines) + "\n"


class Page:
    """Lines on a canvas; a page is at least as wide as a command's words need."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.width = max(canvas.width, NARROWEST)

    def paint(self, text: str, style: str) -> str:
        """Apply a style to a text, if the canvas supports colours; escape and measure the text before."""
        if not self.canvas.colour or not style:
            return text
        from rich.style import Style  # noqa: PLC0415 - without colours rich is not needed

        return Style.parse(_STYLES[style]).render(text)

    def wrapped(self, text: str, indent: int = 0, style: str = "", first: str = "") -> Iterator[str]:
        """Wrap a text as one paragraph, indented by `indent` blanks; `first` replaces those of the first line."""
        lines = fold(visible(text.replace("\n", " ")), self.width - indent) if text.strip() else []
        for place, line in enumerate(lines):
            yield ("" if place else first).ljust(indent) + self.paint(line, style)

    def ended(self, text: str, end: str, style: str, first: str) -> list[str]:
        """Wrap a text after `first`; its `end` is styled if it fits on one line."""
        lines = fold(visible(f"{text}{end}"), self.width, first=first, indent=len(first))
        if lines[-1].endswith(end):
            lines[-1] = lines[-1].removesuffix(end) + self.paint(end, style)
        return lines

    def begun(self, start: str, style: str, text: str) -> list[str]:
        """Wrap a text that begins with a styled `start`; both are escaped already."""
        first, *rest = fold(start + text, self.width)
        painted = self.paint(start, style) + first.removeprefix(start) if first.startswith(start) else first
        return [painted, *rest]

    def marked(self, place: Location, indent: int) -> Iterator[str]:
        """Show the line of a place, as far as it fits, with its part marked below it."""
        number = f"{place.line} | "
        room = max(self.width - indent - len(number), _LEAST_SHOWN)
        line = place.snippet.rstrip().expandtabs(1)
        blanks = len(line) - len(line.lstrip())
        start = max(place.column - 1 - place.before, blanks)
        length = max(min(place.length or 1, len(line) - start), 1)
        first = blanks if start + length - blanks <= room else max(start + min(length, room) - room, blanks)
        shown, before = visible(line[first : first + room]), visible(line[first:start])
        mark = min(len(visible(line[start : start + length])), max(room - len(before), 1))
        yield " " * indent + self.paint(number, "faint") + shown
        yield " " * (indent + len(number) + len(before)) + self.paint("^" * mark, "bad")

    def command(self, before: str, line: str) -> list[str]:
        """Render a command to type, after its description."""
        return in_words(before, line, self.width)


def in_words(before: str, line: str, width: int) -> list[str]:
    """Wrap a command to a width, after its description; on a line of its own if that leaves too little room."""
    first, shown = f"{visible(before)}: ", visible(line)
    if len(first) + len(shown) <= width or len(first) <= _SHORT:
        return command(shown, width, first=first, indent=8)
    blanks = len(first) - len(first.lstrip())
    lines = fold(first, width, first=" " * blanks, indent=blanks + 2)
    return [*lines, *command(shown, width, first=" " * (blanks + 4), indent=blanks + 8)]


def message(text: str, width: int | None) -> str:
    """Render a message on one line, or wrapped to a terminal's `width`."""
    text = visible(text)
    if not width:
        return text
    lead = text[: len(text) - len(text.lstrip())]
    return "\n".join(fold(text, max(width, NARROWEST), first=lead, indent=len(lead) + 2))


class PageOf(Page, Generic[T]):
    """A page that shows one thing."""

    def __init__(self, page: T, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._page = page
