"""Commands that may run for an hour."""

from __future__ import annotations

import gc


def collect_again() -> None:
    """Collect garbage again, which a short command does without; what is loaded by now stays, and is not looked at."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
