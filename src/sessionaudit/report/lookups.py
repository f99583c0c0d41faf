"""Spell the rows that a text finds if it names no row or several."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.audits.data.lookup import Hit


def rows_of(several: Sequence[Hit]) -> list[str]:
    """Return lines for rows among which a person must choose."""
    return [f"{one.key}, by {one.by}" + (f", since {one.since}" if one.since else "") for one in several]


def hits(several: Sequence[Hit]) -> list[dict[str, str | None]]:
    """Return the same rows as objects for programs."""
    return [{"id": one.key, "since": one.since, "found_by": one.by} for one in several]
