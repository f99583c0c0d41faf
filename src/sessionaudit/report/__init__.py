"""Formats reports, plans, backfills and stories, for people and for programs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

UNBROKEN = sys.maxsize  # the width of a page whose reader goes by lines


class Canvas(NamedTuple):
    """Where a page is printed: width in characters, whether colours work, and how much detail.

    `top` is the directory of the repository, relative to which the formats for programs name files; None leaves them
    as they are. `flat` asks for a list of findings in place of a forest of causes. `documentation` is where the site of
    docs/ is published; "" stands for what the package itself says.
    """

    width: int = 100
    colour: bool = False
    verbose: bool = False
    top: Path | None = None
    flat: bool = False
    documentation: str = ""
