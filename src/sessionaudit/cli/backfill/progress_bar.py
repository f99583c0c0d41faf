"""How a backfill of all rows shows its progress on a terminal."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

from sessionaudit.core.visible import visible

if TYPE_CHECKING:
    from collections.abc import Generator

    from sessionaudit.backfill import bulk


@contextlib.contextmanager
def shown(work: bulk.Bulk, name: str, *, quiet: bool) -> Generator[None]:
    """Show a progress bar on a terminal, with the rate and the remaining time."""
    if quiet or not (sys.stderr and sys.stderr.isatty()):
        yield
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = [
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[paused]}", markup=False),
    ]
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=None, rate="", paused="")

        def tell(progress: bulk.Progress) -> None:
            rate = f"{bar.tasks[0].speed or 0:,.0f}/s"
            bar.update(
                task, total=progress.total, completed=progress.looked, rate=rate, paused=visible(progress.paused)
            )

        work.tell = tell
        yield
