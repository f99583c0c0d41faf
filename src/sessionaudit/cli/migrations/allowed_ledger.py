"""`sessionaudit migrations --allow ledger`: corrects the rows of the ledger that were proven to be wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.migrations.session import examining_migrations
from sessionaudit.cli import check_run
from sessionaudit.cli.migrations.page import tell
from sessionaudit.cli.terminal.messages import say, say_page
from sessionaudit.cli.terminal.question import confirmed
from sessionaudit.errors import EXIT_DATABASE, EXIT_FINDINGS, UsageError
from sessionaudit.repair import ledger_correction
from sessionaudit.report import ledger_sentences as said

if TYPE_CHECKING:
    from sessionaudit.audits.migrations.session import MigrationsReport, MigrationsRun
    from sessionaudit.cli.migrations.call import MigrationsCall

_WORD = "ledger"


def run(call: MigrationsCall) -> int:
    """Correct what is to be corrected, print the page of what is so since, and return the exit code."""
    if unknown := [word for word in call.wanted.allow if word != _WORD]:
        raise UsageError(
            f"--allow takes “{_WORD}” here, not “{unknown[0]}”", hint="Hazards are for --sql, and for repair."
        )
    with examining_migrations(call.place, call.part, call.options) as examined:
        found = _corrected(call, examined)
        if found is None:
            tell(examined.reported(), call)
            return EXIT_FINDINGS
    for sentence in () if call.printing.quiet else said.left(found.corrections):
        say(sentence)
    tell(found, call)
    code = check_run.code(found.report, call.fail_on)
    unproven = any(one.unproven or one.refused for one in found.corrections)
    return code or (EXIT_DATABASE if unproven else EXIT_FINDINGS if found.corrections else code)


def _corrected(call: MigrationsCall, run: MigrationsRun) -> MigrationsReport | None:
    """Return the report after the corrections; None if they were not confirmed."""
    found, quiet = run.reported(), call.printing.quiet
    due = tuple(one for one in found.corrections if one.is_due)
    if not due or run.connection is None:
        if not found.corrections and not quiet:
            say(said.NOTHING)
        return found
    if not (quiet and call.wanted.yes):
        say_page(said.due(due))
    if not confirmed(call.wanted.yes, said.question(due, found)):
        return None
    timeout = call.options.timeout
    done = ledger_correction.correct(run.connection, run.examined.evidence, due, statement_timeout=timeout)
    if not quiet:
        say_page(said.done(done.rows))
    return run.with_ledger(done.content).reported()
