"""The modes of `backfill`; each loads only what it needs. All return the exit code, and raise SessionAuditError."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sessionaudit.backfill.pace import Pace
    from sessionaudit.backfill.session import BackfillOptions
    from sessionaudit.cli.backfill.asked import BackfillCall, Chosen
    from sessionaudit.cli.options.formats import PageFormat, RowsPageFormat


def list_rows(asked: BackfillCall, some: Chosen, format_: RowsPageFormat, output: Path | None, *, quiet: bool) -> int:
    """List the rows that violate invariants."""
    from sessionaudit.backfill.list_session import ListOptions
    from sessionaudit.cli.backfill import listing

    return listing.run(ListOptions(**asked._asdict(), **some._asdict()), format_, output, quiet=quiet)


def repair_ids(options: BackfillOptions, ids: Sequence[str], page: PageFormat, *, quiet: bool) -> int:
    """Repair the rows of these ids."""
    from sessionaudit.cli.backfill import by_ids

    return by_ids.run(options, ids, page, quiet=quiet)


def repair_all(
    options: BackfillOptions, some: Chosen, jobs: int, pace: Pace, page: PageFormat, *, yes: bool, quiet: bool
) -> int:
    """Repair all rows that violate invariants."""
    from sessionaudit.backfill.all_session import Everything
    from sessionaudit.cli.backfill import all_rows
    from sessionaudit.cli.long_running import collect_again

    collect_again()
    return all_rows.run(options, Everything(*some, jobs, pace), page, yes=yes, quiet=quiet)


def options(asked: BackfillCall, journal: Path | None, *, dry: bool, keep_older: bool) -> BackfillOptions:
    """What a repair of rows is asked for."""
    from sessionaudit.backfill.session import BackfillOptions

    return BackfillOptions(**asked._asdict(), journal=journal, dry=dry, keep_older=keep_older)


def pace(**how: Any) -> Pace:
    """How fast all rows may be repaired."""
    from sessionaudit.backfill.pace import Pace

    return Pace(**how)
