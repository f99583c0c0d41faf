"""What both formats of a backfill say of an outcome and of a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sessionaudit.backfill.row_changes import RowChange
    from sessionaudit.backfill.row_outcome import RowOutcome


def state(one: RowOutcome, *, dry: bool) -> str:
    """What became of an id, or would."""
    return f"would be {one.state}" if dry and one.made else str(one.state)


def columns(made: RowChange) -> dict[str, str | None]:
    """What the columns were; the version of a row is for the journal alone."""
    return {name: value for name, value in made.was.items() if name != "xmin"}
