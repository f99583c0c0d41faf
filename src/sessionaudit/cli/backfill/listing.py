"""`sessionaudit backfill --list`: the rows are listed, and it is told how many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.backfill import list_session
from sessionaudit.cli.backfill.list_writing import write_rows
from sessionaudit.cli.terminal.messages import say
from sessionaudit.cli.terminal.stream import ReaderGoneError
from sessionaudit.errors import EXIT_CLEAN, EXIT_DATABASE, EXIT_FINDINGS
from sessionaudit.report.formats.broken_rows import TABLE
from sessionaudit.report.formats.broken_rows.writer import not_listed, total

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.cli.options.formats import RowsPageFormat


def run(options: list_session.ListOptions, format_: RowsPageFormat, output: Path | None, *, quiet: bool) -> int:
    """List the selected rows, and return the exit code. Raises SessionAuditError."""
    apart = format_ is not TABLE or output is not None or quiet  # the table shows the same messages
    with list_session.listing(options) as session:
        try:
            written = write_rows(session, format_, output, shown=output is not None or not quiet)
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
