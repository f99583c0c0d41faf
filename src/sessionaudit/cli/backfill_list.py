"""Run `sessionaudit backfill --list`: write the rows as the session reads them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from sessionaudit.backfill.list_session import listing
from sessionaudit.cli.outcome import say, spelled_error
from sessionaudit.cli.streaming import ReaderGoneError, writing
from sessionaudit.errors import EXIT_CLEAN, EXIT_DATABASE, EXIT_FINDINGS, SessionAuditError
from sessionaudit.report.formats.broken_rows import TABLE
from sessionaudit.report.formats.broken_rows.writer import not_listed, total

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.backfill.list_session import ListOptions, ListSession
    from sessionaudit.report.format import StreamedFormat
    from sessionaudit.report.formats.broken_rows.writer import Writer


class _NotWholeError(Exception):
    """Some rows could not be listed, so the file is not written."""


def run(options: ListOptions, format_: StreamedFormat[Writer], output: Path | None, *, quiet: bool) -> int:
    """List the selected rows, and return the exit code. Raises SessionAuditError."""
    apart = format_ is not TABLE or output is not None or quiet  # the table shows the same messages
    with listing(options) as session:
        written = True
        try:
            with writing(output) as write:
                heard = write if output or not quiet else _nowhere
                _list(session, format_.writer(heard, terminal=output is None and _to_a_terminal()))
                if output and not session.whole:
                    raise _NotWholeError  # raised in the block, so that the file stays unchanged
        except _NotWholeError:
            written = False
        except ReaderGoneError:  # the reader of the pipe has seen enough; the rest is not read
            return EXIT_FINDINGS if session.count else EXIT_DATABASE
    for one in session.listed if apart else ():
        if one.skipped is not None:
            say(not_listed(one.skipped))
    if not written:
        say(f"{total(session.listed)} {output} was not written: the list would be incomplete.")
    elif apart and not quiet:
        say(total(session.listed) + (f" Written to {output}." if output else ""))
    if not session.whole:
        return EXIT_DATABASE
    return EXIT_FINDINGS if any(one.count for one in session.listed) else EXIT_CLEAN


def _list(session: ListSession, writer: Writer) -> None:
    """Write all rows, and the error that ends the list early, if any. Raises SessionAuditError."""
    writer.begin(session.about, session.invariants)
    try:
        session.run(writer)
    except (SessionAuditError, KeyboardInterrupt) as error:
        writer.end(session.listed, spelled_error(error))
        raise
    writer.end(session.listed, None)


def _to_a_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def _nowhere(_text: str) -> None:
    """Discard a text."""
