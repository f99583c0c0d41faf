"""Trying again what failed because others stood in the way: how often, for how long, and with which pauses.

A module of our own and no library: between two attempts a caller looks at what the server said, and goes on with
less (half of the rows, or all but the one that spoils them), so nothing that wraps a function would fit. Of a
library only the pause would be left, and tenacity loads asyncio for it in every `check`.
"""

from __future__ import annotations

import math
import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sessionaudit.core import sqlstate

if TYPE_CHECKING:
    import threading

    import psycopg


def retried(error: psycopg.Error, *others: str) -> bool:
    """Whether the same may succeed when tried again; `others` are more SQLSTATEs that say so, where they do."""
    return error.sqlstate in sqlstate.IN_THE_WAY or error.sqlstate in others


@dataclass(slots=True, kw_only=True)
class Retry:
    """Attempts at one thing, counted from the first: `attempts` of them at most, for `seconds` at most.

    Between two of them is a pause of `pause` seconds, up to half of it more or less by chance, so that two who met do
    not meet again; it is `growth` times as long each time, up to `longest`. Setting `stop` ends a pause, and no more.
    """

    pause: float
    growth: float = 1.0
    longest: float = math.inf
    seconds: float = math.inf
    attempts: float = math.inf
    stop: threading.Event | None = None
    _begun: float = field(init=False)
    _made: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._begun = time.monotonic()

    @property
    def left(self) -> float:
        """The seconds that are left; none or fewer when they are over."""
        return self.seconds - (time.monotonic() - self._begun)

    def again(self) -> bool:
        """Whether to try once more, after an attempt; gives True after the pause, and False at once."""
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
