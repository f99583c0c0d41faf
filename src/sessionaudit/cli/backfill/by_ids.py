"""Run `sessionaudit backfill ID…`: call the session, and print its page, also after an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.backfill.session import BackfillSession, prepare
from sessionaudit.cli.backfill.choices import say_choices
from sessionaudit.cli.backfill.ids_messages import IdsMessages
from sessionaudit.cli.given_ids import given
from sessionaudit.cli.terminal.canvas import lines_canvas
from sessionaudit.cli.terminal.messages import say
from sessionaudit.cli.terminal.result import deliver
from sessionaudit.errors import EXIT_CLEAN, EXIT_DATABASE, EXIT_FINDINGS, EXIT_USAGE, SessionAuditError
from sessionaudit.report.formats.backfill import TABLE
from sessionaudit.report.formats.backfill.content import IdsPage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.backfill.session import BackfillOptions
    from sessionaudit.cli.options.formats import PageFormat


def run(options: BackfillOptions, words: Sequence[str], format_: PageFormat, *, quiet: bool) -> int:
    """Repair the rows of these ids, and return the exit code. Raises SessionAuditError."""
    session = BackfillSession(prepare(options), IdsMessages(quiet))
    ids = given(words)
    shown = format_ is not TABLE or not quiet
    try:
        session.run(ids)
    except KeyboardInterrupt as end:
        _deliver(IdsPage.of(session, end), format_, shown=shown)
        say(f"Stopped after {len(session.outcomes)} of {len(ids)} ids.")
        raise
    except SessionAuditError as error:
        if not session.outcomes:
            raise
        _deliver(IdsPage.of(session, error), format_, shown=shown)
        number = f"The results of the first {len(session.outcomes)} of {len(ids)} ids are committed."
        error.hint = f"{number} {error.hint}".rstrip()
        raise
    _deliver(IdsPage.of(session), format_, shown=shown)
    say_choices(() if quiet else session.undecided)
    if not all(one.state.named for one in session.outcomes):
        return EXIT_USAGE
    if session.unproven:
        return EXIT_DATABASE
    return EXIT_CLEAN if session.fine else EXIT_FINDINGS


def _deliver(page: IdsPage, format_: PageFormat, *, shown: bool) -> None:
    if shown:
        deliver(format_.render(page, lines_canvas()), None)
