"""Prints the page of migrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.cli import check_run
from sessionaudit.cli.terminal.canvas import canvas
from sessionaudit.cli.terminal.result import deliver
from sessionaudit.report.formats.migrations.content import MigrationsPage
from sessionaudit.report.migration_sentences import next_commands

if TYPE_CHECKING:
    from sessionaudit.audits.migrations.session import MigrationsReport
    from sessionaudit.cli.migrations.call import ShownMigrations


def tell(found: MigrationsReport, shown: ShownMigrations) -> None:
    """Print it on stdout, or into a file."""
    if not shown.quiet or shown.output:
        sheet = canvas(no_color=shown.no_color, verbose=shown.verbose, output=shown.output)
        page = MigrationsPage(found=found, next=next_commands(found))
        deliver(shown.format.render(page, sheet), shown.output, colour=sheet.colour)
    if not shown.quiet:
        check_run.tell(found.report, shown.output)
