"""Print a list of broken rows for spreadsheets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sessionaudit.core.visible import visible
from sessionaudit.report.formats.broken_rows.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sessionaudit.backfill.broken_rows import Row
    from sessionaudit.contract.invariants import Invariant
    from sessionaudit.report.formats.broken_rows.writer import Write


_QUOTED = re.compile('[",\r\n]')


class CsvWriter(Writer):
    """CSV according to RFC 4180; a null is empty, an empty text is `""`, as in PostgreSQL's COPY."""

    _labels: tuple[str, ...] = ()

    def begin(self, about: Mapping[str, Any], invariants: Iterable[Invariant]) -> None:  # noqa: ARG002 - as Writer declares it
        """Write the header line, with the columns that any of the invariants shows."""
        self._labels = tuple(dict.fromkeys(shown.label for one in invariants for shown in one.show))
        self._write(self._line(["invariant", "key", "since", *self._labels]))

    def rows(self, rows: Iterable[Row]) -> None:
        """Write a line for each row."""
        shown = [one.label for one in self.now.show]
        places = [shown.index(label) + 2 if label in shown else None for label in self._labels]
        lines = ([self.now.name, *row[:2], *(None if at is None else row[at] for at in places)] for row in rows)
        self._write("".join(map(self._line, lines)))

    def _line(self, values: Iterable[str | None]) -> str:
        return ",".join(map(_field, values)) + "\r\n"


class SeenCsvWriter(CsvWriter):
    """CSV on a terminal, with invisible characters escaped."""

    def _line(self, values: Iterable[str | None]) -> str:
        return ",".join(_field(value and visible(value)) for value in values) + "\n"


def _field(value: str | None) -> str:
    if value is None:
        return ""
    return '"' + value.replace('"', '""') + '"' if not value or _QUOTED.search(value) else value


def writer(write: Write, width: int | None) -> Writer:
    """Return the writer of this format."""
    return SeenCsvWriter(write) if width else CsvWriter(write)
