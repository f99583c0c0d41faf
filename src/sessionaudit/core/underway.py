"""Record what this process is doing, for whoever shows that to people.

An engine says what it does, and how far it is where it knows how much there is; it shows nothing. The command line
shows on a terminal what takes long: `with UNDERWAY.doing("counting rows", len(asked)) as counting: …
counting.advance()`, or `for one in counting.over(asked)`.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

_Item = TypeVar("_Item")


class Activity(Struct, eq=False):
    """Something that is being done: `done` of `total`, which is None where nobody knows it.

    `note` says what else is to be said of it now, as why it waits. `began` is in seconds, of the monotonic clock.
    """

    what: str
    total: int | None = None
    done: int = 0
    note: str = ""
    began: float = field(default_factory=time.monotonic)

    def advance(self, number: int = 1) -> None:
        """Note that more was done."""
        self.done += number

    def over(self, items: Iterable[_Item]) -> Iterator[_Item]:
        """Yield the items, and note after each that it was done."""
        for item in items:
            yield item
            self.done += 1


class Underway:
    """What is being done at the moment, the outermost first; threads may use it."""

    def __init__(self) -> None:
        self._activities: list[Activity] = []

    @contextmanager
    def doing(self, what: str, total: int | None = None) -> Generator[Activity]:
        """Say that the block does this; a total of 0 is none to be shown."""
        activity = Activity(what, total or None)
        self._activities.append(activity)
        try:
            yield activity
        finally:
            self._activities.remove(activity)

    @property
    def shown(self) -> list[Activity]:
        """What is worth showing: each of which the end is known, and the innermost one."""
        known = list(self._activities)
        return [one for one in known if one.total is not None or one is known[-1]]


UNDERWAY = Underway()
