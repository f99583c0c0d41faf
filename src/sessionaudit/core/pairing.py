"""Pair what was found at two times: by fingerprints, and where several share one, first those that are alike."""

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

    @property
    def as_found(self) -> str:
        """How it is."""
        ...


Before = TypeVar("Before", bound=Told)
Now = TypeVar("Now", bound=Told)
# By what they are alike, in this order: by the message, by how it is.
_ALIKE = ((True, True), (False, True), (True, False), (False, False))


def paired(before: Iterable[Before], now: Sequence[Now]) -> tuple[tuple[tuple[Now, Before | None], ...], list[Before]]:
    """Return what is found now, each with what it was before, and what was found before and is not found now."""
    left: list[Before] = list(before)
    found: list[Before | None] = [None] * len(now)
    for alike in _ALIKE:
        if not left:
            break
        known: dict[tuple[str, str, str], deque[int]] = defaultdict(deque)
        for place, old in enumerate(left):
            known[_key(old, *alike)].append(place)
        taken: set[int] = set()
        for place, new in enumerate(now):
            several = known.get(_key(new, *alike)) if found[place] is None else None
            if several:
                match = several.popleft()
                taken.add(match)
                found[place] = left[match]
        left = [old for place, old in enumerate(left) if place not in taken]
    return tuple(zip(now, found, strict=True)), left


def _key(one: Told, said: bool, found: bool) -> tuple[str, str, str]:
    return one.fingerprint, one.message if said else "", one.as_found if found else ""
