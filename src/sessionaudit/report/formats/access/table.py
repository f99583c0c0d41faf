"""Print what roles may do for people: a matrix, roles across and objects down, then what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.audits.behaviour.access.cell_words import (
    LEGEND,
    OTHER_FORM,
    commands_by_verdict,
    has_other_form,
    is_fired,
)
from sessionaudit.core.access_verdict import AccessVerdict
from sessionaudit.core.counting import counted
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.visible import visible
from sessionaudit.report.formats import table
from sessionaudit.report.page import PageOf
from sessionaudit.sql.text import unqualified

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sessionaudit.audits.behaviour.access.examining import AccessRow
    from sessionaudit.audits.behaviour.access.session import AccessReport
    from sessionaudit.postgres.access.cells import AccessCell
    from sessionaudit.report import Canvas

    Cells = Mapping[str, AccessCell]

_STYLES = {
    AccessVerdict.ALL: "good",
    AccessVerdict.BY_POLICY: "note",
    AccessVerdict.NO_ROW: "warn",
    AccessVerdict.UNKNOWN: "warn",
    AccessVerdict.REFUSED: "faint",
}
_GAP = 2
_LEAST_NAME, _MOST_NAME = 12, 40
_LEAST_CELL = 20


class _Line(NamedTuple):
    text: str
    style: str


def render(page: AccessReport, canvas: Canvas) -> str:
    """Render the page; names are never cut, so a very long one may exceed the width."""
    lines = [*_Matrix(page, canvas).lines()]
    return "\n".join(lines) + ("\n" if lines else "") + table.render(page.report, canvas)


class _Matrix(PageOf["AccessReport"]):
    def lines(self) -> Iterable[str]:
        every, roles = self._page.examined.rows, self._page.examined.roles
        rows = [row for row in every if not is_fired(row)]
        if not rows or not roles:
            return
        names = [visible(unqualified(dotted(row.wanted.path), self._page.schema)) for row in rows]
        width = min(max(_LEAST_NAME, *map(len, names)), _MOST_NAME, self.width // 3)
        several = max((self.width - width) // (_LEAST_CELL + _GAP), 1)
        for start in range(0, len(roles), several):
            yield from self._block(rows, names, roles[start : start + several], width)
            yield ""
        yield from self.wrapped(LEGEND, 0, "faint")
        if has_other_form(rows):
            yield from self.wrapped(OTHER_FORM, 0, "faint")
        if len(rows) < len(every):
            fired = counted(len(every) - len(rows), "function")
            yield from self.wrapped(f"Not shown: {fired} that only triggers call.", 0, "faint")
        yield ""
        if self.canvas.verbose:
            yield from self._details(rows)

    def _block(
        self, rows: Sequence[AccessRow], names: Sequence[str], roles: Sequence[str], width: int
    ) -> Iterable[str]:
        room = (self.width - width) // len(roles) - _GAP
        cells = [[[*_told(row.cells.get(role, {}), room)] for role in roles] for row in rows]
        widths = [
            max(len(visible(role)), *(len(line.text) for row in cells for line in row[place]))
            for place, role in enumerate(roles)
        ]
        heads = [_Line(visible(role), "strong") for role in roles]
        yield self._spread("", heads, width, widths)
        for name, row in zip(names, cells, strict=True):
            first = name
            if len(name) > width:
                yield name
                first = ""
            for place in range(max(map(len, row))):
                parts = [lines[place] if place < len(lines) else _Line("", "") for lines in row]
                yield self._spread(first if not place else "", parts, width, widths)

    def _spread(self, name: str, parts: Sequence[_Line], width: int, widths: Sequence[int]) -> str:
        text = name.ljust(width)
        for part, room in zip(parts, widths, strict=True):
            text += " " * _GAP + self.paint(part.text, part.style) + " " * (room - len(part.text))
        return text.rstrip()

    def _details(self, rows: Sequence[AccessRow]) -> Iterable[str]:
        for row in rows:
            ref = ObjectRef(row.wanted.kind, row.wanted.path)
            for role, cells in row.cells.items():
                for command, cell in cells.items():
                    told = [
                        *(f"policy {dotted(path[-1:])}" for path in cell.policies),
                        *dict.fromkeys(reason.text for reason in cell.reasons),
                        *([f"in another form: {cell.other}"] if cell.other else ()),
                        *([f"with RETURNING: {cell.returning}"] if cell.returning else ()),
                    ]
                    if told:
                        start = f"{ref.dotted}, {role}, {command}: {cell.verdict}"
                        yield from self.wrapped(f"{start}: {'; '.join(told)}.", 4, first="")
        yield ""


def _told(cells: Cells, room: int) -> Iterator[_Line]:
    """Return the lines of a cell: each verdict with its commands."""
    shown = False
    for verdict, words, said in commands_by_verdict(cells):
        shown = True
        text = f"{words}:"
        for word in said:
            if len(text) + 1 + len(word) > room and text.strip():
                yield _Line(text, _STYLES[verdict])
                text = " "
            text += f" {word}"
        yield _Line(text, _STYLES[verdict])
    if not shown:
        yield _Line("-", "faint")
