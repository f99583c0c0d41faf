"""Print for people what an undo would do, and what it did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.backfill.row_changes import Did
from sessionaudit.core.counting import counted
from sessionaudit.core.printed_commands import CALLING
from sessionaudit.core.ref import dotted
from sessionaudit.core.visible import option_path
from sessionaudit.core.wrapping import fold
from sessionaudit.report import UNBROKEN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from sessionaudit.backfill.undo_batch import Tally
    from sessionaudit.backfill.undo_run import Undone
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.report import Canvas
    from sessionaudit.report.formats.undo.content import UndoPage

_WORDS = {Did.INSERTED: "delete {} of {}", Did.UPDATED: "restore {} of {}", Did.DELETED: "re-insert {} of {}"}


def run_of(journal: Path, head: Mapping[str, Any]) -> str:
    """Which run a journal is of; `head` is what it says of it."""
    return f"{journal}: run {head['run']} in the database {head.get('database')}, started {head.get('at')}."


def due(counts: Mapping[ObjectPath, Mapping[Did, int]]) -> str:
    """Say in one sentence how many rows of which tables will be undone."""
    parts = [
        _WORDS[did].format(counted(some[did], "row"), dotted(table))
        for table, some in sorted(counts.items())
        for did in _WORDS
        if some.get(did)
    ]
    if not parts:
        return "There is nothing to undo."
    return f"Undo would {_listed(parts)}, unless they have been changed or referenced since."


def remarks(done: Undone, *, dry: bool) -> Iterator[str]:
    """That all was rolled back, and what makes known that an undo changed a row, where it is unknown who did."""
    if dry:
        yield "This was a dry run: everything was rolled back."
    if done.unexplained:
        yield "If the undo of a later run restored the changed rows, name that run's journal with --undone."


def next_commands(done: Undone) -> list[tuple[str, str]]:
    """The commands to type where later runs changed rows, each after a description."""
    earlier = [("Next", CALLING.line("undo", operands=(option_path(path),))) for path in done.later]
    return [*earlier, ("Then", CALLING.again())] if earlier else []


def render(page: UndoPage, canvas: Canvas) -> str:
    """Render the result: a line for each table, one for all, and why rows were refused."""
    done, width = page.done, canvas.width
    tables = [f"{dotted(table)}: {_tally(tally)}" for table, tally in sorted(done.tables.items())]
    total = done.total
    said = [*(tables if len(tables) > 1 else ()), _tally(total) + "."]
    said += [f"  {reason}" for reason in done.refusals]
    if len(done.refusals) < total.refused and done.refusals:
        said.append("  …")
    if width < UNBROKEN:
        said = [one for line in said for one in fold(line.strip(), width, first=" " * _blanks(line), indent=4)]
    return "".join(f"{line}\n" for line in said)


def _blanks(line: str) -> int:
    return len(line) - len(line.lstrip())


def _tally(tally: Tally) -> str:
    return (
        f"{counted(tally.deleted, 'row')} deleted, {tally.restored:,} restored, {tally.returned:,} re-inserted, "
        f"{tally.gone:,} gone already, {tally.refused:,} refused"
    )


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
