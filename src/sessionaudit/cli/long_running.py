"""Prepare a process for commands that may run for an hour."""

from __future__ import annotations

import gc


def collect_again() -> None:
    """Enable garbage collection, which short commands do without; objects loaded so far are excluded from it."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
