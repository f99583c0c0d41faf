"""What `sessionaudit migrations` does: the migrations are examined, and their page is printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.cli.terminal.canvas import canvas
from sessionaudit.cli.terminal.result import deliver
from sessionaudit.report.formats.migrations.content import MigrationsPage
from sessionaudit.report.migration_sentences import next_commands

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.audits.migrations.session import MigrationsReport
    from sessionaudit.cli.options.formats import PageFormat


def print_page(
    found: MigrationsReport, format_: PageFormat, output: Path | None, *, no_color: bool, verbose: bool
) -> None:
    """Print it on stdout, or into a file."""
    sheet = canvas(no_color=no_color, verbose=verbose, output=output)
    page = MigrationsPage(found=found, next=next_commands(found))
    deliver(format_.render(page, sheet), output, colour=sheet.colour)
