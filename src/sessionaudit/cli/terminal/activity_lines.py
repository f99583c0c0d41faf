"""Lines on a terminal that tell what is being done, how far it is, and how much time is left."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from sessionaudit.core.underway import UNDERWAY

if TYPE_CHECKING:
    from collections.abc import Generator

    from sessionaudit.cli.terminal.activity_bars import ActivityBars

_STEADY = 0.3  # seconds; what ends sooner would only flicker


class ActivityLines:
    """Draws them once something has taken `seconds`, and takes them away before anything else is written."""

    def __init__(self, seconds: float, *, no_color: bool) -> None:
        self.seconds, self._no_color, self._since = seconds, no_color, time.monotonic()
        self._lock = threading.RLock()
        self._bars: ActivityBars | None = None

    def draw(self) -> None:
        """Draw what is so now. Raises OSError and ValueError where the terminal is gone, or lacks our characters."""
        with self._lock:
            now, shown = time.monotonic(), UNDERWAY.shown
            if now - self._since < self.seconds or not shown:
                self._clear()
            elif self._bars or any(now - one.began >= _STEADY for one in shown):
                from sessionaudit.cli.terminal.activity_bars import ActivityBars

                self._bars = self._bars or ActivityBars(sys.stderr, no_color=self._no_color)
                self._bars.show(shown)

    @contextmanager
    def aside(self, *, anew: bool = False) -> Generator[None]:
        """Keep the lines away while the block writes; with `anew` it waits for a person, which is no work."""
        with self._lock:
            with suppress(OSError, ValueError):
                self._clear()
            yield
            if anew:
                self._since = time.monotonic()

    def _clear(self) -> None:
        bars, self._bars = self._bars, None
        if bars is not None:
            bars.clear()
