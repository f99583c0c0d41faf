"""Print a list of broken rows as one JSON object, which is valid even if the list is incomplete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.ref import dotted
from sessionaudit.core.visible import spelled_json
from sessionaudit.report.formats.broken_rows.writer import Writer, as_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sessionaudit.backfill.broken_rows import Row
    from sessionaudit.backfill.list_session import Listed
    from sessionaudit.contract.invariants import Invariant
    from sessionaudit.report.formats.broken_rows.writer import Write


VERSION = 1


class JsonWriter(Writer):
    """One JSON object, which is valid even if the list is incomplete."""

    _invariants = 0
    _rows = 0

    def begin(self, about: Mapping[str, Any], invariants: Iterable[Invariant]) -> None:  # noqa: ARG002 - as Writer declares it
        """Write the properties of the whole list."""
        self._write(f'{_open({"version": VERSION, **about})}, "invariants": [')

    def invariant(self, invariant: Invariant) -> None:
        """Write the properties of an invariant."""
        super().invariant(invariant)
        about = {
            "invariant": invariant.name,
            "summary": invariant.summary,
            "severity": str(invariant.severity),
            "table": dotted(invariant.each.path),
        }
        self._write(f'{"," * bool(self._invariants)}\n  {_open(about)}, "rows": [')
        self._invariants += 1
        self._rows = 0

    def rows(self, rows: Iterable[Row]) -> None:
        """Write an object for each row."""
        lines = [f"\n    {spelled_json(as_object(self.now, row), indent=None)}" for row in rows]
        self._write("," * bool(self._rows) + ",".join(lines))
        self._rows += len(lines)

    def ended(self, listed: Listed) -> None:
        """Write the number of rows, and why the list is incomplete, if it is."""
        why = listed.skipped
        skipped = {"reason": why.reason, "hint": why.hint} if why else None
        told = {"count": listed.count, "more": listed.more, "skipped": skipped}
        self._write(f"\n  ], {_close(told)}")
        self._invariant = None

    def end(self, told: Sequence[Listed], error: Mapping[str, Any] | None) -> None:
        """Write the total number of rows."""
        if self._invariant is not None:
            self._write("\n  ]}")
        count = sum(one.count for one in told)
        self._write(f"\n], {_close({'count': count, 'error': (error or {}).get('error')})}\n")


def _open(start: dict[str, Any]) -> str:
    """Spell the beginning of an object."""
    return spelled_json(start, indent=None)[:-1]


def _close(end: dict[str, Any]) -> str:
    """Spell the end of an object."""
    return spelled_json(end, indent=None)[1:]


def writer(write: Write, _width: int | None) -> Writer:
    """Return the writer of this format."""
    return JsonWriter(write)
