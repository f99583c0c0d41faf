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

_RATE_FROM = 1000  # after so many, how many a second is worth saying


class ActivityNumbers(ProgressColumn):
    """How far it is, and what is left of the time; for how long it has run, where that cannot be known."""

    def render(self, task: Task) -> Text:
        """Return them, separated by commas."""
        one: Activity = task.fields["activity"]
        seconds = task.get_time() - one.began
        if one.total is not None and one.done:  # lines come and go, so that nobody has watched the speed
            left = seconds / one.done * max(one.total - one.done, 0)
            parts = [f"{one.done:,} of {one.total:,}", f"about {roughly(left)} left"]
        else:
            known = f"{one.done:,} of {one.total:,}" if one.total else f"{one.done:,}" if one.done else ""
            parts = [known, roughly(seconds)]
        rate = f"{one.done / seconds:,.0f} a second" if seconds and one.done >= _RATE_FROM else ""
        said = ", ".join(filter(None, (*parts, rate, visible(one.note))))
        return Text(said, no_wrap=True, overflow="ellipsis")
