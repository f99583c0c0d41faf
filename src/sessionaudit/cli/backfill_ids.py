"""Run `sessionaudit backfill ID…`: call the session, and print its page, also after an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.backfill.session import BackfillSession, prepare
from sessionaudit.cli.backfill_messages import BackfillMessages
from sessionaudit.cli.given_ids import given
from sessionaudit.cli.outcome import deliver, lines_canvas, say, spelled_error
from sessionaudit.errors import EXIT_CLEAN, EXIT_DATABASE, EXIT_FINDINGS, EXIT_USAGE, SessionAuditError
from sessionaudit.report.formats.backfill import TABLE
from sessionaudit.report.formats.backfill.page import IdsPage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.backfill.session import BackfillOptions
    from sessionaudit.report.format import Format
    from sessionaudit.report.formats.backfill.page import BackfillPage


def run(options: BackfillOptions, words: Sequence[str], format_: Format[BackfillPage], *, quiet: bool) -> int:
    """Repair the rows of these ids, and return the exit code. Raises SessionAuditError."""
    listener = BackfillMessages(yes=False, quiet=quiet, table=format_ is TABLE)
    session = BackfillSession(prepare(options), listener)
    ids = given(words)
    try:
        session.run(ids)
    except KeyboardInterrupt as end:
        _deliver(session, format_, end, quiet=quiet)
        say(f"Stopped after {len(session.outcomes)} of {len(ids)} ids.")
        raise
    except SessionAuditError as error:
        if not session.outcomes:
            raise
        _deliver(session, format_, error, quiet=quiet)
        number = f"The results of the first {len(session.outcomes)} of {len(ids)} ids are committed."
        error.hint = f"{number} {error.hint}".rstrip()
        raise
    _deliver(session, format_, None, quiet=quiet)
    if not all(one.state.named for one in session.outcomes):
        return EXIT_USAGE
    if session.unproven:
        return EXIT_DATABASE
    return EXIT_CLEAN if session.fine else EXIT_FINDINGS


def _deliver(
    session: BackfillSession,
    format_: Format[BackfillPage],
    error: SessionAuditError | KeyboardInterrupt | None,
    *,
    quiet: bool,
) -> None:
    if format_ is TABLE and quiet:
        return
    journal = session.journal
    page = IdsPage(
        invariant=session.invariant.name,
        run=session.run_name,
        outcomes=session.outcomes,
        dry=session.prepared.options.dry,
        journal=journal.path if journal is not None and journal.made else None,
        error=spelled_error(error)["error"] if error is not None else None,
    )
    deliver(format_.render(page, lines_canvas()), None)
