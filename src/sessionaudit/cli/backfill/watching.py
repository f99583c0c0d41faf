"""Shows how a backfill of all rows goes, and lets Ctrl-C end it."""

from __future__ import annotations

import contextlib
import signal
from typing import TYPE_CHECKING

from sessionaudit.cli.backfill.progress_bar import shown
from sessionaudit.cli.terminal.messages import say

if TYPE_CHECKING:
    from collections.abc import Generator

    from sessionaudit.backfill import bulk


@contextlib.contextmanager
def watched(work: bulk.Bulk, *, quiet: bool) -> Generator[None]:
    """Show the progress of the block, and let Ctrl-C end it."""
    with _interruptible(work, quiet=quiet), shown(work, work.repair.invariant.name, quiet=quiet):
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
