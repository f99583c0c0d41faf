"""The rows that break invariants, printed as they are read: for people, spreadsheets and programs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sessionaudit.core.counting import counted
from sessionaudit.core.ref import dotted
from sessionaudit.core.visible import spelled_json, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sessionaudit.backfill.listing import Row
    from sessionaudit.contract.invariants import Invariant
    from sessionaudit.core.finding import Skipped

    Write = Callable[[str], None]

VERSION = 1
_WIDEST = 60  # characters of a column; what is longer stands out, and is not cut
_QUOTED = re.compile('[",\r\n]')


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The end of one invariant's list: how many rows, whether a limit cut it, why it is incomplete."""

    invariant: Invariant
    count: int = 0
    more: bool = False
    skipped: Skipped | None = None


def total(told: Sequence[Listed]) -> str:
    """How many rows were listed, in one sentence."""
    rows = sum(one.count for one in told)
    broken = sum(bool(one.count) for one in told)
    unknown = sum(one.skipped is not None for one in told)
    if not rows:
        said = "No broken row was found" if unknown else "No row is broken"
    else:
        said = f"{counted(rows, 'broken row')} of {counted(broken, 'invariant')}"
        said += "; there are more" if any(one.more for one in told) else ""
    return said + (f"; {counted(unknown, 'invariant')} could not be listed completely." if unknown else ".")


def not_listed(skipped: Skipped) -> str:
    """Why rows could not be listed, on one line."""
    return f"not listed: {skipped.what}: {skipped.reason.rstrip('.')}. {skipped.hint}".rstrip()


class Writer:
    """A format of a list. It is given each invariant and its rows in portions, and keeps none of them."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._invariant: Invariant | None = None

    @property
    def now(self) -> Invariant:
        """The invariant whose rows come."""
        if self._invariant is None:
            raise AssertionError
        return self._invariant

    def begin(self, about: Mapping[str, Any], invariants: Iterable[Invariant]) -> None:
        """Start a list of the rows of these invariants; `about` is what is said of all."""

    def invariant(self, invariant: Invariant) -> None:
        """Go on to an invariant."""
        self._invariant = invariant

    def rows(self, rows: Iterable[Row]) -> None:
        """Add rows of it: the key, since when, and what is shown."""
        raise NotImplementedError

    def ended(self, listed: Listed) -> None:
        """End the rows of it."""

    def end(self, told: Sequence[Listed], error: Mapping[str, Any] | None) -> None:
        """End the list; with `error`, an object that tells of it, before its time."""


class Table(Writer):
    """For people: what cannot be seen is spelled out, and a column is as wide as the first rows ask for."""

    _widths: tuple[int, ...] = ()

    def invariant(self, invariant: Invariant) -> None:
        """Its name and its promise."""
        super().invariant(invariant)
        self._widths = ()
        self._write(visible(f"{invariant.name}: {invariant.summary}") + "\n")

    def rows(self, rows: Iterable[Row]) -> None:
        """A line for each, below a heading."""
        lines = [[visible(value or "") for value in row] for row in rows]
        if not self._widths:
            lines.insert(0, [visible(label) for label in ("key", "since", *(one.label for one in self.now.show))])
            self._widths = tuple(min(max(map(len, column)), _WIDEST) for column in zip(*lines, strict=True))
        self._write("".join(map(self._line, lines)))

    def _line(self, cells: Sequence[str]) -> str:
        padded = (f"{cell:<{width}}" for cell, width in zip(cells, self._widths, strict=True))
        return f"  {'  '.join(padded)}".rstrip() + "\n"

    def ended(self, listed: Listed) -> None:
        """How many they were."""
        said = "no row breaks it" if listed.skipped is None else not_listed(listed.skipped)
        if listed.count:
            said = f"{counted(listed.count, 'row')} of {dotted(listed.invariant.each.path)}"
            said += "; there are more" if listed.more else ""
            said += f"; {not_listed(listed.skipped)}" if listed.skipped else ""
        self._write(f"  {visible(said)}\n\n")

    def end(self, told: Sequence[Listed], error: Mapping[str, Any] | None) -> None:
        """The number of all."""
        if error is None:
            self._write(f"{total(told)}\n")


class Csv(Writer):
    """For spreadsheets, as RFC 4180 has it; a null is nothing, an empty text is `""`, as PostgreSQL's COPY has it."""

    _labels: tuple[str, ...] = ()

    def begin(self, about: Mapping[str, Any], invariants: Iterable[Invariant]) -> None:  # noqa: ARG002
        """The heading, with what any of the invariants shows."""
        self._labels = tuple(dict.fromkeys(shown.label for one in invariants for shown in one.show))
        self._write(self._line(["invariant", "key", "since", *self._labels]))

    def rows(self, rows: Iterable[Row]) -> None:
        """A line for each."""
        shown = [one.label for one in self.now.show]
        places = [shown.index(label) + 2 if label in shown else None for label in self._labels]
        lines = ([self.now.name, *row[:2], *(None if at is None else row[at] for at in places)] for row in rows)
        self._write("".join(map(self._line, lines)))

    def _line(self, values: Iterable[str | None]) -> str:
        return ",".join(map(_field, values)) + "\r\n"


class SeenCsv(Csv):
    """The same on a terminal, where what cannot be seen is spelled out."""

    def _line(self, values: Iterable[str | None]) -> str:
        return ",".join(_field(value and visible(value)) for value in values) + "\n"


def _field(value: str | None) -> str:
    if value is None:
        return ""
    return '"' + value.replace('"', '""') + '"' if not value or _QUOTED.search(value) else value


def _row(invariant: Invariant, row: Row) -> dict[str, Any]:
    labels = (one.label for one in invariant.show)
    return {"key": row[0], "since": row[1], "show": dict(zip(labels, row[2:], strict=True))}


class JsonLines(Writer):
    """For programs that read line by line: one object for each row."""

    def rows(self, rows: Iterable[Row]) -> None:
        """A line for each."""
        objects = ({"invariant": self.now.name, **_row(self.now, row)} for row in rows)
        self._write("".join(f"{spelled_json(one, indent=None)}\n" for one in objects))

    def end(self, told: Sequence[Listed], error: Mapping[str, Any] | None) -> None:  # noqa: ARG002
        """A line for the error, if there is one."""
        if error is not None:
            self._write(spelled_json(error, indent=None) + "\n")


class Json(Writer):
    """For programs: one object, which is whole even where the list is not."""

    _invariants = 0
    _rows = 0

    def begin(self, about: Mapping[str, Any], invariants: Iterable[Invariant]) -> None:  # noqa: ARG002
        """What is said of all."""
        self._write(f'{_open({"version": VERSION, **about})}, "invariants": [')

    def invariant(self, invariant: Invariant) -> None:
        """What is said of an invariant."""
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
        """An object for each."""
        lines = [f"\n    {spelled_json(_row(self.now, row), indent=None)}" for row in rows]
        self._write("," * bool(self._rows) + ",".join(lines))
        self._rows += len(lines)

    def ended(self, listed: Listed) -> None:
        """How many they were, and why they are not all."""
        why = listed.skipped
        skipped = {"reason": why.reason, "hint": why.hint} if why else None
        told = {"count": listed.count, "more": listed.more, "skipped": skipped}
        self._write(f"\n  ], {_close(told)}")
        self._invariant = None

    def end(self, told: Sequence[Listed], error: Mapping[str, Any] | None) -> None:
        """The number of all."""
        if self._invariant is not None:
            self._write("\n  ]}")
        count = sum(one.count for one in told)
        self._write(f"\n], {_close({'count': count, 'error': (error or {}).get('error')})}\n")


def _open(start: dict[str, Any]) -> str:
    """An object that goes on."""
    return spelled_json(start, indent=None)[:-1]


def _close(end: dict[str, Any]) -> str:
    """The end of an object that has begun."""
    return spelled_json(end, indent=None)[1:]


WRITERS: dict[str, type[Writer]] = {"table": Table, "csv": Csv, "jsonl": JsonLines, "json": Json}
