"""One page in several formats: one of them on stdout or in the file of --output, each of the others in its file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sessionaudit.cli.options.format_places import option, require_places
from sessionaudit.cli.terminal.canvas import canvas
from sessionaudit.cli.terminal.result import deliver

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sessionaudit.cli.options.formats import PrintedFormat

    Formats = Sequence[PrintedFormat]


class Printing(NamedTuple):
    """In which formats a page is printed, where, and how; `documentation` is where rules have their pages."""

    formats: Formats
    output: Path | None
    documentation: str
    no_color: bool
    quiet: bool
    verbose: bool
    flat: bool = False

    @classmethod
    def of(
        cls, formats: Formats, output: Path | None, documentation: str, *, no_color: bool, quiet: bool, verbose: bool
    ) -> Printing:
        """Return what a call asks for. Raises UsageError if a format has no place of its own."""
        require_places(formats, output, quiet=quiet)
        return cls(formats, output, documentation, no_color, quiet, verbose)

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that are written."""
        return tuple(file for _, file in self._places() if file is not None)

    def print(self, page: Any, tell: Callable[[], object] = tuple) -> None:
        """Print a page: into files, then on stdout, before which `tell` says what else there is. Raises UsageError."""
        self._deliver(page, [place for place in self._places() if place[1] is not None])
        if not self.quiet:
            tell()
            self._deliver(page, [place for place in self._places() if place[1] is None])

    def _deliver(self, page: Any, places: Sequence[tuple[PrintedFormat, Path | None]]) -> None:
        for one, file in places:
            sheet = canvas(no_color=self.no_color, verbose=self.verbose, output=file)
            sheet = sheet._replace(flat=self.flat, documentation=self.documentation)
            deliver(one.format.render(page, sheet), file, colour=sheet.colour and one.format.styled, option=option(one))

    def _places(self) -> list[tuple[PrintedFormat, Path | None]]:
        return [(one, one.file or self.output) for one in self.formats]
