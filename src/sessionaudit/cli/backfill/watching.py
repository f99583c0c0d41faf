"""Shows how a backfill of all rows goes, and lets Ctrl-C end it."""

from __future__ import annotations

import contextlib
import signal
from typing import TYPE_CHECKING

from sessionaudit.cli.terminal.messages import say
from sessionaudit.core.underway import UNDERWAY

if TYPE_CHECKING:
    from collections.abc import Generator

    from sessionaudit.backfill import bulk


@contextlib.contextmanager
def watched(work: bulk.Bulk, *, quiet: bool) -> Generator[None]:
    """Show the progress of the block, and let Ctrl-C end it."""
    with _interruptible(work, quiet=quiet), UNDERWAY.doing(f"repairing rows: {work.repair.invariant.name}") as rows:

        def tell(progress: bulk.Progress) -> None:
            rows.done, rows.total, rows.note = progress.looked, progress.total or None, progress.paused

        work.tell = tell
        yield


@contextlib.contextmanager
def _interruptible(work: bulk.Bulk, *, quiet: bool) -> Generator[None]:
    """Stop the work after the current batches on the first Ctrl-C, and at once on the second."""

    def stop(_number: int, _frame: object) -> None:
        if work.stop.is_set():
            raise KeyboardInterrupt
        if not quiet:
            say("Stopping after this batch; press Ctrl-C again to stop at once.")
        work.stop.set()

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
