"""How what the program has to say is spelled: for people, and for programs."""

from __future__ import annotations

import sys
from typing import NamedTuple

UNBROKEN = sys.maxsize  # the width of a page whose reader goes by lines


class Canvas(NamedTuple):
    """What a page is written on: its width in characters, whether it takes colours, how much to tell."""

    width: int = 100
    colour: bool = False
    verbose: bool = False
