"""Read the ids of a call, from arguments or from stdin."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from sessionaudit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence


def given(ids: Sequence[str]) -> list[str]:
    """Return the ids of a call; “-” reads them from stdin, separated by blanks or commas. Raises UsageError if none."""
    if list(ids) != ["-"]:
        return list(ids)
    if not sys.stdin:
        raise UsageError("standard input is closed")
    words = [word for line in sys.stdin for word in line.replace(",", " ").split()]
    if not words:
        raise UsageError("no ids were given")
    return words
