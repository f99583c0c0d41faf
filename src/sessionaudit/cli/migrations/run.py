"""What `sessionaudit migrations` does: it reports, prints SQL, or corrects the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.audits.migrations import session
from sessionaudit.cli import check_ended, check_run
from sessionaudit.cli.migrations.page import tell

if TYPE_CHECKING:
    from sessionaudit.cli.migrations.call import MigrationsCall


def run(call: MigrationsCall) -> int:
    """Do what a call asks for, and return the exit code. Raises SessionAuditError."""
    if call.wanted.sql:
        from sessionaudit.cli.migrations import missing_sql

        return missing_sql.run(call)
    if call.wanted.allow:
        from sessionaudit.cli.migrations import allowed_ledger

        return allowed_ledger.run(call)
    known = check_ended.known(call.wanted.baseline, call.wanted.write_baseline)
    found = session.report_migrations(call.place, call.part, call.options)
    found = replace(found, report=known.judge(found.report))
    if known.target is not None:
        return check_ended.write(found.report, known, known.target, quiet=call.printing.quiet)
    tell(found, call)
    return check_run.code(found.report, call.fail_on)
