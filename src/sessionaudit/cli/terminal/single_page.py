"""One page in one format, on stdout or in the file of --output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.cli.terminal.canvas import canvas
from sessionaudit.cli.terminal.result import deliver

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sessionaudit.cli.options.formats import PageFormat


def print_page(
    page: Any,
    format_: PageFormat,
    output: Path | None,
    tell: Callable[[], None] | None = None,
    *,
    no_color: bool,
    verbose: bool,
) -> None:
    """Print a page on stdout, or into a file.

    `tell` says what is to be known beside it: after a file, and before stdout, as the end of a page is what is seen
    last.
    """
    sheet = canvas(no_color=no_color, verbose=verbose, output=output)
    text = format_.render(page, sheet)
    if tell and output is None:
        tell()
    deliver(text, output, colour=sheet.colour)
    if tell and output is not None:
        tell()
