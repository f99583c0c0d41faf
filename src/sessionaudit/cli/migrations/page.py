"""Prints the page of migrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.cli import check_run
from sessionaudit.report.formats.migrations.content import MigrationsPage
from sessionaudit.report.migration_sentences import next_commands

if TYPE_CHECKING:
    from sessionaudit.audits.migrations.session import MigrationsReport
    from sessionaudit.cli.migrations.call import MigrationsCall


def tell(found: MigrationsReport, call: MigrationsCall) -> None:
    """Print it on stdout, and into files."""
    found = replace(found, report=check_run.completed(found.report, call.fail_on))
    call.printing.print(MigrationsPage(found=found, next=next_commands(found)))
    if not call.printing.quiet:
        check_run.tell(found.report, call.printing.files)
