"""Print the result of a backfill for people: a line for each id, with the rows written for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.backfill.row_changes import Did
from sessionaudit.core.ref import dotted
from sessionaudit.core.visible import visible
from sessionaudit.core.wrapping import fold
from sessionaudit.report import UNBROKEN
from sessionaudit.report.formats.backfill.content import AllPage
from sessionaudit.report.formats.backfill.states import columns, state
from sessionaudit.report.lookups import rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.backfill.all_session import DryRun
    from sessionaudit.backfill.row_changes import RowChange
    from sessionaudit.backfill.row_outcome import RowOutcome
    from sessionaudit.report import Canvas
    from sessionaudit.report.formats.backfill.content import BackfillPage


def rehearsal_page(rehearsal: DryRun, canvas: Canvas) -> str:
    """What would become of some rows of one invariant."""
    return render(AllPage(run="", rehearsed=(rehearsal,), dry=True), canvas)


def render(page: BackfillPage, canvas: Canvas) -> str:
    """Render the lines of all ids; a run over all rows has lines only for its rehearsal."""
    if not isinstance(page, AllPage):
        return _lines(page.outcomes, dry=page.dry, width=canvas.width)
    return "".join(
        f"{one.broken.repair.invariant.name}, the first {len(one.outcomes)}:\n"
        + _lines(one.outcomes, dry=page.dry, width=canvas.width)
        for one in page.rehearsed
        if one.outcomes
    )


def _lines(outcomes: Sequence[RowOutcome], *, dry: bool, width: int) -> str:
    indent = max((len(visible(one.id)) for one in outcomes), default=0)
    said: list[str] = []
    for one in outcomes:
        there = f"{dotted(one.there.table)} {one.there.row}" if one.there else ""
        rows = ", ".join(_named(made, dry=dry) for made in one.made)
        found = f"found by {one.by} “{one.given}”" if one.by else ""
        told = "; ".join(part for part in (rows, there, one.reason, found) if part)
        said.append(f"{visible(one.id):<{indent}}  {state(one, dry=dry)}: {told}")
        said += [f"{'':<{indent}}  {line}" for line in rows_of(one.several)]
        verb = "would supersede" if dry else "superseded"
        said += [
            f"{'':<{indent}}  {verb} {_named(other, dry=dry)}, which {_was(other, dry=dry)}" for other in one.superseded
        ]
    if width < UNBROKEN:
        said = [one for line in said for one in _folded(visible(line), indent + 2, width)]
    return "".join(f"{visible(line)}\n" for line in said)


def _named(made: RowChange, *, dry: bool) -> str:
    """Name a row; a created row that was rolled back is named without its key, which never existed."""
    return f"a row of {dotted(made.table)}" if dry and made.did is Did.INSERTED else f"{dotted(made.table)} {made.row}"


def _folded(line: str, indent: int, room: int) -> list[str]:
    """Fold a line whose first words form a column."""
    indent = min(indent, room // 2)
    return fold(line[indent:], room, first=line[:indent], indent=indent)


def _was(made: RowChange, *, dry: bool) -> str:
    was = columns(made)
    if not was:
        return "is new"
    return f"{'has' if dry else 'was'} " + ", ".join(f"{name} {value}" for name, value in was.items())
