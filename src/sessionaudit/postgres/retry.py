"""Retry what failed because of other sessions: how often, for how long, and with which pauses.

This is a module of our own and not a library. Between two attempts a caller examines the error and continues with less
(half of the rows, or all but the failing one), so a decorator does not fit. Only the pauses could come from a library,
and tenacity would load asyncio for them in every `check`.
"""

from __future__ import annotations

import math
import random
import time
from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.core import sqlstate

if TYPE_CHECKING:
    import threading

    import psycopg


def retried(error: psycopg.Error, *others: str) -> bool:
    """Whether a retry may succeed; `others` are additional SQLSTATEs for which it may."""
    return error.sqlstate in sqlstate.IN_THE_WAY or error.sqlstate in others


class Retry(Struct, kw_only=True):
    """Limits the attempts at one thing, counted from the first: at most `attempts`, for at most `seconds`.

    Between two attempts there is a pause of `pause` seconds, randomly up to half longer or shorter, so that two
    sessions do not collide again. Each pause is `growth` times as long as the one before, up to `longest`. Setting
    `stop` only ends the current pause.
    """

    pause: float
    growth: float = 1.0
    longest: float = math.inf
    seconds: float = math.inf
    attempts: float = math.inf
    stop: threading.Event | None = None
    _begun: float = 0.0
    _made: int = 0

    def __post_init__(self) -> None:
        self._begun = time.monotonic()

    @property
    def left(self) -> float:
        """The seconds that are left; zero or negative when the time is over."""
        return self.seconds - (time.monotonic() - self._begun)

    def again(self) -> bool:
        """Whether to try once more after an attempt; returns True after the pause, and False at once."""
        self._made += 1
        left = self.left
        if self._made >= self.attempts or left <= 0:
            return False
        pause = min(self.pause * random.uniform(0.5, 1.5), left)  # noqa: S311 - not used for security
        self.pause = min(self.pause * self.growth, self.longest)
        if self.stop is None:
            time.sleep(pause)
        else:
            self.stop.wait(pause)
        return True
