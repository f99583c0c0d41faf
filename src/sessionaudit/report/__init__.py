"""Formats reports, plans, backfills and stories, for people and for programs."""

from __future__ import annotations

import sys
from typing import NamedTuple

UNBROKEN = sys.maxsize  # the width of a page whose reader goes by lines


class Canvas(NamedTuple):
    """Where a page is printed: width in characters, whether colours work, and how much detail."""

    width: int = 100
    colour: bool = False
    verbose: bool = False
