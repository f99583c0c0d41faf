"""`sessionaudit migrations --sql`: prints the SQL of what is missing of a migration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.audit import Options
from sessionaudit.audits.migrations.session import examining_migrations
from sessionaudit.cli.terminal.messages import say
from sessionaudit.cli.terminal.result import deliver
from sessionaudit.errors import EXIT_CLEAN, EXIT_DATABASE
from sessionaudit.repair import migration_script, permission
from sessionaudit.repair.propose import PlanOptions
from sessionaudit.report.migration_sentences import script_sentences
from sessionaudit.writing import require_replaceable, require_writable

if TYPE_CHECKING:
    from sessionaudit.cli.migrations.call import MigrationsCall


def run(call: MigrationsCall) -> int:
    """Print the script, and return the exit code: 3 if a part of the migration is not in it."""
    allowed = permission.allowed(call.wanted.allow)
    require_writable(call.printing.output)
    require_replaceable(call.printing.output)
    options = PlanOptions(reading=Options(statement_timeout=call.options.timeout), allowed=allowed)
    with examining_migrations(call.place, call.part, call.options) as run:
        made = migration_script.propose_missing(run, call.wanted.sql, options)
    deliver(migration_script.rendered(made), call.printing.output)
    for sentence in () if call.printing.quiet else script_sentences(made):
        say(sentence)
    return EXIT_CLEAN if made.is_whole else EXIT_DATABASE
