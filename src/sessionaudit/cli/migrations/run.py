"""What `sessionaudit migrations` does: the migrations are examined, and their page is printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.migrations import session
from sessionaudit.cli import check_run
from sessionaudit.cli.terminal.canvas import canvas
from sessionaudit.cli.terminal.result import deliver
from sessionaudit.report.formats.migrations.content import MigrationsPage
from sessionaudit.report.migration_sentences import next_commands

if TYPE_CHECKING:
    from sessionaudit.audits.migrations.session import MigrationsReport
    from sessionaudit.cli.migrations.call import MigrationsCall, ShownMigrations


def run(call: MigrationsCall) -> int:
    """Do what a call asks for, and return the exit code. Raises SessionAuditError."""
    if call.wanted.sql:
        from sessionaudit.cli.migrations import missing_sql

        return missing_sql.run(call)
    found = session.report_migrations(call.place, call.part, call.options)
    tell(found, call.shown)
    return check_run.code(found.report, call.fail_on)


def tell(found: MigrationsReport, shown: ShownMigrations) -> None:
    """Print the page on stdout, or into a file."""
    if not shown.quiet or shown.output:
        sheet = canvas(no_color=shown.no_color, verbose=shown.verbose, output=shown.output)
        page = MigrationsPage(found=found, next=next_commands(found))
        deliver(shown.format.render(page, sheet), shown.output, colour=sheet.colour)
    if not shown.quiet:
        check_run.tell(found.report, shown.output)
