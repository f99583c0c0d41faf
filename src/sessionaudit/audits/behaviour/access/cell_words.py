"""Word what a role may do with an object, for every page that has a matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.access_verdict import AccessVerdict
from sessionaudit.core.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sessionaudit.audits.behaviour.access.examining import AccessRow
    from sessionaudit.postgres.access.cells import AccessCell

LEGEND = (
    "all: every row; by policy: the rows that policies let pass; no row: row security lets none pass: reads are "
    "empty, and updates and deletes change nothing, without an error; -: refused (42501), as is what is not named."
)
OTHER_FORM = "* otherwise without WHERE and RETURNING, or with a value for each column."
TONES = {
    AccessVerdict.ALL: "good",
    AccessVerdict.BY_POLICY: "note",
    AccessVerdict.NO_ROW: "warning",
    AccessVerdict.UNKNOWN: "warning",
}
_SHOWN = (AccessVerdict.ALL, AccessVerdict.BY_POLICY, AccessVerdict.NO_ROW, AccessVerdict.UNKNOWN)
_WORDS = {AccessVerdict.UNKNOWN: "by trigger"}
_MOST_COLUMNS = 2


def commands_by_verdict(cells: Mapping[str, AccessCell]) -> Iterator[tuple[AccessVerdict, str, list[str]]]:
    """Return each verdict but that of what is refused, its words, and its commands."""
    for verdict in _SHOWN:
        said = [_command(command, cell) for command, cell in cells.items() if _seen(cell) is verdict]
        if said:
            yield verdict, _WORDS.get(verdict, str(verdict)), said


def has_other_form(rows: Sequence[AccessRow]) -> bool:
    """Whether OTHER_FORM is to be said."""
    return any(cell.other for row in rows for cells in row.cells.values() for cell in cells.values())


def is_fired(row: AccessRow) -> bool:
    """Whether nobody can call it, as only triggers do."""
    cells = [cell for cells in row.cells.values() for cell in cells.values()]
    return bool(cells) and all(cell.verdict is AccessVerdict.IMPOSSIBLE for cell in cells)


def _seen(cell: AccessCell) -> AccessVerdict:
    """Return under which verdict a command stands: that of its usual form, or of the other if that is refused."""
    return cell.most if cell.verdict is AccessVerdict.REFUSED else cell.verdict


def _command(command: str, cell: AccessCell) -> str:
    mark = "*" if cell.other else ""
    if cell.columns is None:
        return command + mark
    names = ", ".join(sorted(map(visible, cell.columns)))
    return f"{command}{mark} ({names if len(cell.columns) <= _MOST_COLUMNS else f'{len(cell.columns)} columns'})"
