"""Pair what was found at two times: by fingerprints, and where several share one, first those that read alike."""

from __future__ import annotations

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
    left: dict[str, list[Before]] = {}
    for one in before:
        left.setdefault(one.fingerprint, []).append(one)
    found: list[Before | None] = [None] * len(now)
    for alike in (True, False):
        for place, new in enumerate(now):
            several = left.get(new.fingerprint, []) if found[place] is None else []
            match = next((one for one in several if one.message == new.message or not alike), None)
            if match is not None:
                found[place] = match
                several.remove(match)
    return tuple(zip(now, found, strict=True)), [one for several in left.values() for one in several]
