"""Print a list of broken rows for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.counting import counted
from sessionaudit.core.ref import dotted
from sessionaudit.core.visible import visible
from sessionaudit.report.formats.broken_rows.writer import Writer, not_listed, total
from sessionaudit.report.page import message

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sessionaudit.backfill.broken_rows import Row
    from sessionaudit.backfill.list_session import Listed
    from sessionaudit.contract.invariants import Invariant
    from sessionaudit.report.formats.broken_rows.writer import Write


_WIDEST = 60  # characters of a column; longer values extend beyond it, and are not cut


class TableWriter(Writer):
    """A table for people: invisible characters are escaped; the first rows determine the widths of columns.

    Sentences are wrapped to the `width` of a terminal.
    """

    def __init__(self, write: Write, width: int | None) -> None:
        super().__init__(write)
        self._width = width
        self._widths: tuple[int, ...] = ()

    def _say(self, sentence: str) -> None:
        self._write(message(sentence, self._width) + "\n")

    def invariant(self, invariant: Invariant) -> None:
        """Write the invariant's name and summary."""
        super().invariant(invariant)
        self._widths = ()
        self._say(f"{invariant.name}: {invariant.summary}")

    def rows(self, rows: Iterable[Row]) -> None:
        """Write a line for each row, below a heading."""
        lines = [[visible(value or "") for value in row] for row in rows]
        if not self._widths:
            lines.insert(0, [visible(label) for label in ("key", "since", *(one.label for one in self.now.show))])
            self._widths = tuple(min(max(map(len, column)), _WIDEST) for column in zip(*lines, strict=True))
        self._write("".join(map(self._line, lines)))

    def _line(self, cells: Sequence[str]) -> str:
        padded = (f"{cell:<{width}}" for cell, width in zip(cells, self._widths, strict=True))
        return f"  {'  '.join(padded)}".rstrip() + "\n"

    def ended(self, listed: Listed) -> None:
        """Write the number of rows."""
        said = "no row breaks it" if listed.skipped is None else not_listed(listed.skipped)
        if listed.count:
            said = f"{counted(listed.count, 'row')} of {dotted(listed.invariant.each.path)}"
            said += "; there are more" if listed.more else ""
            said += f"; {not_listed(listed.skipped)}" if listed.skipped else ""
        self._say(f"  {said}")
        self._write("\n")

    def end(self, told: Sequence[Listed], error: Mapping[str, Any] | None) -> None:
        """Write the total number of rows."""
        if error is None:
            self._say(total(told))


def writer(write: Write, width: int | None) -> Writer:
    """Return the writer of this format."""
    return TableWriter(write, width)
