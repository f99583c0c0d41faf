"""Pair what was found at two times: by fingerprints, and where several share one, first those that read alike."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Told(Protocol):
    """A finding, or what is kept of one."""

    @property
    def fingerprint(self) -> str:
        """What it is told by."""
        ...

    @property
    def message(self) -> str:
        """What is said of it."""
        ...


Before = TypeVar("Before", bound=Told)
Now = TypeVar("Now", bound=Told)


def paired(before: Iterable[Before], now: Sequence[Now]) -> tuple[tuple[tuple[Now, Before | None], ...], list[Before]]:
    """Return what is found now, each with what it was before, and what was found before and is not found now."""
    left = list(before)
    found: list[Before | None] = [None] * len(now)
    for alike in (True, False):
        known: dict[tuple[str, str], deque[int]] = defaultdict(deque)
        for place, old in enumerate(left):
            known[_key(old, alike=alike)].append(place)
        taken: set[int] = set()
        for place, new in enumerate(now):
            several = known.get(_key(new, alike=alike))
            if found[place] is None and several:
                match = several.popleft()
                taken.add(match)
                found[place] = left[match]
        left = [old for place, old in enumerate(left) if place not in taken]
    return tuple(zip(now, found, strict=True)), left


def _key(one: Told, *, alike: bool) -> tuple[str, str]:
    return one.fingerprint, one.message if alike else ""
