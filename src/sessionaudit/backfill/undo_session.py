"""An undo: what a journal would have taken back, whether it is to be, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from sessionaudit.backfill.journal.opening import run_name
from sessionaudit.backfill.journal.reading import head
from sessionaudit.backfill.undo_run import undoing
from sessionaudit.postgres.connection import closing, connect

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sessionaudit.backfill.row_changes import Did
    from sessionaudit.backfill.undo_run import Undone
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.postgres.connection import Url


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoOptions:
    """What an undo is asked for; the timeout is in seconds. With `dry` all is rolled back."""

    url: Url
    journal: Path
    invariant: str | None = None
    dry: bool = False
    timeout: float = 120


class UndoListener(Protocol):
    """Who is told what an undo is about to do, and asked whether it is to."""

    def due(self, head: Mapping[str, Any], rows: Mapping[ObjectPath, Mapping[Did, int]]) -> None:
        """So many rows of these tables are to be taken back; `head` is what the journal says of its run."""

    def confirmed(self) -> bool:
        """Whether they are to be."""
        ...


class UndoResult(NamedTuple):
    """What an undo did, and what the journal says of its run."""

    head: Mapping[str, Any]
    done: Undone


def undo(options: UndoOptions, listener: UndoListener) -> UndoResult | None:
    """Take back what a journal tells of; None where the listener would not have it. Raises SessionAuditError."""
    told = head(options.journal)
    with (
        closing(connect(options.url)) as connection,
        undoing(connection, options.journal, run=run_name(), invariant=options.invariant, dry=options.dry) as work,
    ):
        work.timeout = options.timeout
        rows = work.due()
        listener.due(told, rows)
        if rows and not options.dry and not listener.confirmed():
            return None
        return UndoResult(told, work.run())
