"""Make of an examination the table that a report shows: roles across, objects down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.behaviour.access.cell_words import (
    LEGEND,
    OTHER_FORM,
    TONES,
    commands_by_verdict,
    has_other_form,
    is_fired,
)
from sessionaudit.core.ref import dotted
from sessionaudit.core.report import ReportTable, TonedText

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sessionaudit.audits.behaviour.access.examining import AccessExamined
    from sessionaudit.postgres.access.cells import AccessCell

_TITLE = "Access"
_REFUSED = TonedText("-", "faint")


def matrix(examined: AccessExamined) -> Iterator[ReportTable]:
    """Return the table, if there is something in it."""
    rows = [row for row in examined.rows if not is_fired(row)]
    roles = [role for role in examined.roles if any(role in row.cells for row in rows)]
    if not rows or not roles:
        return
    about = f"{LEGEND} {OTHER_FORM}" if has_other_form(rows) else LEGEND
    yield ReportTable(
        title=_TITLE,
        about=about[0].upper() + about[1:],
        columns=("object", *roles),
        rows=tuple(
            ((TonedText(dotted(row.wanted.path)),), *(_cell(row.cells.get(role)) for role in roles)) for row in rows
        ),
    )


def _cell(cells: Mapping[str, AccessCell] | None) -> tuple[TonedText, ...]:
    """Return the lines of a cell; it is empty where the role was not examined on the object."""
    if cells is None:
        return ()
    told = (
        TonedText(f"{words}: {', '.join(commands)}", TONES[verdict])
        for verdict, words, commands in commands_by_verdict(cells)
    )
    return tuple(told) or (_REFUSED,)
