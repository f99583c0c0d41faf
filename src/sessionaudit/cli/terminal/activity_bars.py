"""A line for each activity, drawn by rich; loaded only once something takes long."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Column

from sessionaudit.cli.terminal.activity_numbers import ActivityNumbers
from sessionaudit.core.visible import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.progress import TaskID

    from sessionaudit.core.underway import Activity


class _SteadyConsole(Console):
    def show_cursor(self, show: bool = True) -> bool:  # noqa: ARG002 - as rich declares it
        """Leave it as it is: a program that is killed while it is hidden could not show it again."""
        return False


class ActivityBars:
    """The lines, on a terminal."""

    def __init__(self, stream: TextIO, *, no_color: bool) -> None:
        self._progress = Progress(
            TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, max_width=30)),
            BarColumn(12),
            ActivityNumbers(),
            console=_SteadyConsole(file=stream, force_terminal=True, no_color=no_color or None),
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._tasks: dict[int, TaskID] = {}
        self._progress.start()

    def show(self, activities: Sequence[Activity]) -> None:
        """Draw a line for each of these, and for no other."""
        known = {id(one): one for one in activities}
        for number in self._tasks.keys() - known.keys():
            self._progress.remove_task(self._tasks.pop(number))
        for number, one in known.items():
            if number not in self._tasks:
                what = visible(one.what)
                self._tasks[number] = self._progress.add_task(what[:1].upper() + what[1:], activity=one)
            self._progress.update(self._tasks[number], total=one.total, completed=one.done)
        self._progress.refresh()

    def clear(self) -> None:
        """Take the lines from the screen."""
        self._progress.stop()
