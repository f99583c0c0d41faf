"""Say what a person can do about rows that no repair changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.cli.terminal.messages import say, say_page
from sessionaudit.report.backfill_sentences import CHOICES, waivers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.contract.invariants import Invariant


def say_choices(undecided: Sequence[Invariant]) -> None:
    """Say it of the rows that break these invariants, if there are some."""
    if undecided:
        say(CHOICES)
        say_page(waivers(undecided))
