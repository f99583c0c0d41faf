"""Formats reports, plans, backfills and stories, for people and for programs."""

from __future__ import annotations

from typing import NamedTuple


class Canvas(NamedTuple):
    """Where a page is printed: width in characters, whether colours work, and how much detail."""

    width: int = 100
    colour: bool = False
    verbose: bool = False
