"""Run `sessionaudit backfill --all`: call the session, and print its page, also after an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.backfill.all_session import AllSession, Stage
from sessionaudit.backfill.session import prepare
from sessionaudit.cli.backfill.all_messages import AllMessages
from sessionaudit.cli.backfill.choices import say_choices
from sessionaudit.cli.terminal.canvas import lines_canvas
from sessionaudit.cli.terminal.messages import say, say_command
from sessionaudit.cli.terminal.result import deliver
from sessionaudit.core.changes import CHANGES
from sessionaudit.errors import EXIT_CLEAN, EXIT_DATABASE, EXIT_FINDINGS, EXIT_INTERRUPTED, SessionAuditError
from sessionaudit.report import backfill_sentences as sentences
from sessionaudit.report.formats.backfill import TABLE
from sessionaudit.report.formats.backfill.content import AllPage

if TYPE_CHECKING:
    from sessionaudit.backfill.all_session import Everything
    from sessionaudit.backfill.session import BackfillOptions
    from sessionaudit.cli.options.formats import PageFormat


def run(options: BackfillOptions, asked: Everything, format_: PageFormat, *, yes: bool, quiet: bool) -> int:
    """Repair all selected rows, and return the exit code. Raises SessionAuditError."""
    prepared = prepare(options, all_=True)
    others = len(prepared.contract.invariants) > len(prepared.invariants)
    session = AllSession(prepared, asked, AllMessages(quiet=quiet, yes=yes, table=format_ is TABLE, others=others))
    ended: SessionAuditError | KeyboardInterrupt | None = None
    try:
        session.run()
        if session.stage is Stage.STOPPED:
            say(f"Interrupted after the current batch. {CHANGES.sentence()}")
            ended = KeyboardInterrupt()
    except (SessionAuditError, KeyboardInterrupt) as error:
        ended = error
        raise
    finally:
        # The table format reports each invariant as it ends.
        if format_ is not TABLE and session.stage not in {Stage.LOOKING, Stage.DECLINED}:
            deliver(format_.render(AllPage.of(session, ended), lines_canvas()), None)
    return _ended(session, quiet=quiet)


def _ended(session: AllSession, *, quiet: bool) -> int:
    for before, line in () if quiet else sentences.next_commands(session):
        say_command(before, line)
    say_choices(() if quiet else session.undecided)
    if session.stage is Stage.NOTHING_BROKEN and not quiet:
        say("No row is broken; nothing was changed.")
    if session.stage is Stage.STOPPED:
        return EXIT_INTERRUPTED
    if session.unproven:
        return EXIT_DATABASE
    return EXIT_CLEAN if session.fine and session.stage is not Stage.DECLINED else EXIT_FINDINGS
