"""Prints the page of migrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.cli import check_run
from sessionaudit.report.formats.migrations.content import MigrationsPage
from sessionaudit.report.migration_sentences import with_advice

if TYPE_CHECKING:
    from sessionaudit.audits.migrations.session import MigrationsReport
    from sessionaudit.cli.migrations.call import MigrationsCall


def tell(found: MigrationsReport, call: MigrationsCall) -> None:
    """Print it on stdout, and into files."""
    found = replace(found, report=check_run.completed(found.report, call.fail_on))
    page = MigrationsPage(found=with_advice(found))
    call.printing.print(page, lambda: check_run.tell(found.report, call.printing.files))
