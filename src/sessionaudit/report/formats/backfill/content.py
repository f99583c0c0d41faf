"""What the pages of a backfill are made of: of the rows that ids name, and of all rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sessionaudit.backfill.all_session import DryRun, Mended
    from sessionaudit.backfill.row_outcome import RowOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class IdsPage:
    """What became of each id. `run` is its name; `journal` holds what it made, `error` tells what cut it short."""

    invariant: str
    run: str
    outcomes: Sequence[RowOutcome]
    dry: bool = False
    journal: Path | None = None
    error: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AllPage:
    """What was done for each invariant, or was rehearsed with some rows of it."""

    run: str
    mended: Sequence[Mended] = ()
    rehearsed: Sequence[DryRun] = ()
    dry: bool = False
    journal: Path | None = None
    error: Mapping[str, Any] | None = None


BackfillPage = IdsPage | AllPage
