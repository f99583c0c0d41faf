"""What a line says of an activity in numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.progress import ProgressColumn
from rich.text import Text

from sessionaudit.core.visible import visible
from sessionaudit.report.durations import roughly

if TYPE_CHECKING:
    from rich.progress import Task

    from sessionaudit.core.underway import Activity

_RATE_FROM = 1000  # of so many, how many a second is worth saying


class ActivityNumbers(ProgressColumn):
    """How far it is, for how long it has run, and what is left of the time, where that can be known."""

    def render(self, task: Task) -> Text:
        """Return them, separated by commas."""
        one: Activity = task.fields["activity"]
        seconds = task.get_time() - one.began
        known = [f"{one.done:,} of {one.total:,}"] if one.total is not None else [f"{one.done:,}"] if one.done else []
        rate = [f"{one.done / seconds:,.0f} a second"] if seconds and (one.total or one.done) >= _RATE_FROM else []
        parts = [*known, *rate, roughly(seconds)]
        if one.total is not None and one.done:  # lines come and go, so that nobody has watched the speed
            parts.append(f"about {roughly(seconds / one.done * max(one.total - one.done, 0))} left")
        return Text(", ".join([*parts, *filter(None, [visible(one.note)])]), no_wrap=True, overflow="ellipsis")
