"""What is said of a lock that is waited for."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.postgres.locks import Blocker

_REMINDER = 10.0  # seconds; waiting for the same lock is reported again after this time


class Waiting:
    """Remembers what was said."""

    def __init__(self) -> None:
        self._told: tuple[str, float] = ("", 0.0)

    def news(self, blockers: Sequence[Blocker], seconds_left: float) -> str:
        """Who holds the lock; "" where that has just been said."""
        holders = ",".join(str(one.pid) for one in blockers)
        known, at = self._told
        if holders == known and time.monotonic() - at < _REMINDER:
            return ""
        self._told = (holders, time.monotonic())
        who = "; ".join(map(str, blockers)) or "a session that has ended"
        return f"waiting for a lock, at most {seconds_left:.0f} s more: {who}"
