"""Run `sessionaudit backfill --all`: call the session, and print its page, also after an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.backfill.all_session import AllSession, Stage
from sessionaudit.backfill.session import prepare
from sessionaudit.cli.backfill_messages import BackfillMessages
from sessionaudit.cli.outcome import deliver, lines_canvas, say, say_command, spelled_error
from sessionaudit.core.changes import CHANGES
from sessionaudit.core.printed_commands import CALLING
from sessionaudit.errors import EXIT_CLEAN, EXIT_DATABASE, EXIT_FINDINGS, EXIT_INTERRUPTED, SessionAuditError
from sessionaudit.report.formats.backfill import TABLE
from sessionaudit.report.formats.backfill.page import AllPage

if TYPE_CHECKING:
    from sessionaudit.backfill.all_session import Everything
    from sessionaudit.backfill.session import BackfillOptions
    from sessionaudit.report.format import Format
    from sessionaudit.report.formats.backfill.page import BackfillPage


def run(options: BackfillOptions, asked: Everything, format_: Format[BackfillPage], *, yes: bool, quiet: bool) -> int:
    """Repair all selected rows, and return the exit code. Raises SessionAuditError."""
    prepared = prepare(options, all_=True)
    session = AllSession(prepared, asked, BackfillMessages(yes=yes, quiet=quiet, table=format_ is TABLE))
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
            deliver(format_.render(_page(session, ended), lines_canvas()), None)
    return _ended(session, quiet=quiet)


def _page(session: AllSession, ended: SessionAuditError | KeyboardInterrupt | None) -> AllPage:
    journal = session.journal
    return AllPage(
        run=journal.run if journal is not None else session.run_name,
        backfilled=session.backfilled,
        rehearsed=session.rehearsed,
        dry=session.prepared.options.dry,
        journal=journal.path if journal is not None and journal.tells else None,
        error=spelled_error(ended)["error"] if ended is not None else None,
    )


def _ended(session: AllSession, *, quiet: bool) -> int:
    if session.stage is Stage.REHEARSED and session.would_change and not quiet:
        say_command("Next", CALLING.again(instead={"dry_run": ()}))
    if session.stage is Stage.NOTHING_BROKEN and not quiet:
        say("No row is broken; nothing was changed.")
    if session.stage is Stage.STOPPED:
        return EXIT_INTERRUPTED
    if session.unproven:
        return EXIT_DATABASE
    return EXIT_CLEAN if session.fine and session.stage is not Stage.DECLINED else EXIT_FINDINGS
