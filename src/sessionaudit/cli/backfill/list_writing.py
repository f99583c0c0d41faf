"""How the rows of `backfill --list` are written, as the session reads them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from sessionaudit.cli.terminal.canvas import columns
from sessionaudit.cli.terminal.stream import writing
from sessionaudit.errors import SessionAuditError
from sessionaudit.report.errors import spelled_error

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.backfill.list_session import ListSession
    from sessionaudit.cli.options.formats import RowsPageFormat
    from sessionaudit.report.formats.broken_rows.writer import Writer


class _NotWholeError(Exception):
    """Some rows could not be listed, so the file is not written."""


def write_rows(session: ListSession, format_: RowsPageFormat, output: Path | None, *, shown: bool) -> bool:
    """Write all rows, or read them only; whether they were written: a file is not, where the list would be incomplete.

    Raises SessionAuditError, and ReaderGoneError where nobody reads the result any more.
    """
    try:
        with writing(output) as write:
            heard = write if shown else _nowhere
            _list(session, format_.writer(heard, width=None if output else _width()))
            if output and not session.whole:
                raise _NotWholeError  # raised in the block, so that the file stays unchanged
    except _NotWholeError:
        return False
    return True


def _list(session: ListSession, writer: Writer) -> None:
    """Write all rows, and the error that ends the list early, if any. Raises SessionAuditError."""
    writer.begin(session.about, session.invariants)
    try:
        session.run(writer)
    except (SessionAuditError, KeyboardInterrupt) as error:
        writer.end(session.listed, spelled_error(error))
        raise
    writer.end(session.listed, None)


def _width() -> int | None:
    """Return the width of the terminal, if stdout is one."""
    terminal = sys.stdout is not None and sys.stdout.isatty()
    return (columns(sys.stdout) or sys.maxsize) if terminal else None


def _nowhere(_text: str) -> None:
    """Discard a text."""
