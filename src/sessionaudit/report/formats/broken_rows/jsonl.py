"""Print a list of broken rows as JSON lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.visible import spelled_json
from sessionaudit.report.formats.broken_rows.writer import Writer, as_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sessionaudit.backfill.broken_rows import Row
    from sessionaudit.backfill.list_session import Listed
    from sessionaudit.report.formats.broken_rows.writer import Write


class JsonLinesWriter(Writer):
    """JSON lines: one object for each row."""

    def rows(self, rows: Iterable[Row]) -> None:
        """Write a line for each row."""
        objects = ({"invariant": self.now.name, **as_object(self.now, row)} for row in rows)
        self._write("".join(f"{spelled_json(one, indent=None)}\n" for one in objects))

    def end(self, told: Sequence[Listed], error: Mapping[str, Any] | None) -> None:  # noqa: ARG002 - as Writer declares it
        """Write a line for the error, if there is one."""
        if error is not None:
            self._write(spelled_json(error, indent=None) + "\n")


def writer(write: Write, _width: int | None) -> Writer:
    """Return the writer of this format."""
    return JsonLinesWriter(write)
