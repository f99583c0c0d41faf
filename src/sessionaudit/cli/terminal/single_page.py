"""One page in one format, on stdout or in the file of --output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.cli.terminal.canvas import canvas
from sessionaudit.cli.terminal.result import deliver

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.cli.options.formats import PageFormat


def print_page(page: Any, format_: PageFormat, output: Path | None, *, no_color: bool, verbose: bool) -> None:
    """Print a page on stdout, or into a file."""
    sheet = canvas(no_color=no_color, verbose=verbose, output=output)
    deliver(format_.render(page, sheet), output, colour=sheet.colour)
