"""Run an undo: show what it would do, ask for confirmation, and report the result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from msgspec import Struct

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


class UndoOptions(Struct, frozen=True, kw_only=True):
    """The options of an undo; the timeout is in seconds. With `dry` everything is rolled back.

    `others` are journals of later runs, besides those in the same directory and in the user's state directory.
    """

    url: Url
    journal: Path
    invariant: str | None = None
    others: tuple[Path, ...] = ()
    dry: bool = False
    timeout: float = 120


class UndoListener(Protocol):
    """Receives what an undo is about to do, and is asked for confirmation."""

    def due(self, head: Mapping[str, Any], rows: Mapping[ObjectPath, Mapping[Did, int]]) -> None:
        """The rows to undo were counted; `head` is what the journal records about its run."""

    def confirmed(self) -> bool:
        """Return whether to undo them."""
        ...


class UndoResult(NamedTuple):
    """What an undo did, and what the journal records about its run."""

    head: Mapping[str, Any]
    done: Undone


def undo(options: UndoOptions, listener: UndoListener) -> UndoResult | None:
    """Undo what a journal records; return None if the listener declines. Raises SessionAuditError."""
    told = head(options.journal)
    with (
        closing(connect(options.url)) as connection,
        undoing(
            connection,
            options.journal,
            run=run_name(),
            invariant=options.invariant,
            others=options.others,
            dry=options.dry,
        ) as work,
    ):
        work.timeout = options.timeout
        rows = work.due()
        listener.due(told, rows)
        if rows and not options.dry and not listener.confirmed():
            return None
        return UndoResult(told, work.run())
