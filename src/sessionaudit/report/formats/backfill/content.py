"""What the pages of a backfill are made of: of the rows that ids name, and of all rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from sessionaudit.report.errors import spelled_error

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sessionaudit.backfill.all_session import AllSession, Backfilled, DryRun
    from sessionaudit.backfill.row_outcome import RowOutcome
    from sessionaudit.backfill.session import BackfillSession
    from sessionaudit.errors import SessionAuditError

    Ended = SessionAuditError | KeyboardInterrupt


class IdsPage(Struct, frozen=True, kw_only=True):
    """The outcome of each id. `run` is the run's name, `journal` its journal, `error` the error that ended it early."""

    invariant: str
    run: str
    outcomes: Sequence[RowOutcome]
    dry: bool = False
    journal: Path | None = None
    error: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, session: BackfillSession, ended: Ended | None = None) -> IdsPage:
        """The page of a session, and of what ended it before its time."""
        journal = session.journal
        return cls(
            invariant=session.invariant.name,
            run=session.run_name,
            outcomes=session.outcomes,
            dry=session.prepared.options.dry,
            journal=journal.path if journal is not None and journal.made else None,
            error=spelled_error(ended)["error"] if ended is not None else None,
        )


class AllPage(Struct, frozen=True, kw_only=True):
    """What was done for each invariant, or rehearsed with some of its rows."""

    run: str
    backfilled: Sequence[Backfilled] = ()
    rehearsed: Sequence[DryRun] = ()
    dry: bool = False
    journal: Path | None = None
    error: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, session: AllSession, ended: Ended | None) -> AllPage:
        """The page of a session, and of what ended it before its time."""
        journal = session.journal
        return cls(
            run=journal.run if journal is not None else session.run_name,
            backfilled=session.backfilled,
            rehearsed=session.rehearsed,
            dry=session.prepared.options.dry,
            journal=journal.path if journal is not None and journal.tells else None,
            error=spelled_error(ended)["error"] if ended is not None else None,
        )


BackfillPage = IdsPage | AllPage
