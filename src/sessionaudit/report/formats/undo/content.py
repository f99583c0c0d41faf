"""Define the page of an undo is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sessionaudit.backfill.undo_run import Undone


class UndoPage(Struct, frozen=True, kw_only=True):
    """What was undone of a journal, or of one invariant's part; `head` is what the journal records about its run."""

    done: Undone
    journal: Path
    head: Mapping[str, Any]
    invariant: str | None = None
    dry: bool = False
