"""Tell which statements of a file fail only because of how its tool sends the file to the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.sql.statements import UnsplitError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessionaudit.audits.migrations.model import Migration
    from sessionaudit.sql.statements import SqlStatement

_MARK = "\ufeff"
_NO_MARK = "The file begins with a byte-order mark, which the tool sends with it: save it as UTF-8 without one."
_NO_COPY = "The tool sends no data with it, as psql does: write INSERT … VALUES, or load the rows by other means."


def unsent(migration: Migration, found: Sequence[SqlStatement]) -> Iterator[tuple[int, UnsplitError]]:
    """Return these statements, by their numbers, with the reason. What they do is of use for what comes later."""
    sending = migration.sending
    if migration.whole_text.startswith(_MARK) and not sending.drops_mark and found:
        yield 0, UnsplitError("syntax error at the byte-order mark", 0, _NO_MARK)
    if not sending.feeds_copy:
        for number, statement in enumerate(found):
            if statement.data is not None:
                yield number, UnsplitError("COPY … FROM STDIN has no data", statement.start, _NO_COPY)
