"""Spell outcomes and rows, for both formats of a backfill."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sessionaudit.backfill.row_changes import RowChange
    from sessionaudit.backfill.row_outcome import RowOutcome


def state(one: RowOutcome, *, dry: bool) -> str:
    """Return the state of an id, in a dry run the one that it would have."""
    return f"would be {one.state}" if dry and one.made else str(one.state)


def columns(made: RowChange) -> dict[str, str | None]:
    """Return the earlier values of the columns, without the row version, which only the journal needs."""
    return {name: value for name, value in made.was.items() if name != "xmin"}
