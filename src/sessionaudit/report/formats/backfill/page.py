"""Define the pages of a backfill: of given ids, and of all rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sessionaudit.backfill.all_session import Backfilled, DryRun
    from sessionaudit.backfill.row_outcome import RowOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class IdsPage:
    """The outcome of each id. `run` is the run's name, `journal` its journal, `error` the error that ended it early."""

    invariant: str
    run: str
    outcomes: Sequence[RowOutcome]
    dry: bool = False
    journal: Path | None = None
    error: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AllPage:
    """What was done for each invariant, or rehearsed with some of its rows."""

    run: str
    backfilled: Sequence[Backfilled] = ()
    rehearsed: Sequence[DryRun] = ()
    dry: bool = False
    journal: Path | None = None
    error: Mapping[str, Any] | None = None


BackfillPage = IdsPage | AllPage
