"""Putting things into an order in which each comes after those that it waits for.

`graphlib` has no place for what is wanted here: a mention that is heeded where it can be, and things that wait for each
other in a circle, which come into the order all the same.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

T = TypeVar("T")


class Ordered(NamedTuple, Generic[T]):
    """Things in their order; from the place `circle` on they stand in a circle, or behind one."""

    order: list[T]
    circle: int


def ordered(
    waits: Mapping[T, Collection[T]], rank: Callable[[T], Any], mentions: Mapping[T, Collection[T]] | None = None
) -> Ordered[T]:
    """Put the keys of `waits` into an order in which each comes after those that it waits for.

    Of those that could come next, the first by `rank` does, which no two share; but one comes later that mentions
    another which is not there yet. Where all wait for each other, the first by rank comes before its time.
    """
    mentions = mentions or {}
    after: dict[T, list[T]] = {one: [] for one in waits}
    hard = {one: set(others) for one, others in waits.items()}
    soft = {one: set(mentions.get(one, ())) - hard[one] for one in waits}
    for one in waits:
        for other in hard[one] | soft[one]:
            after[other].append(one)
    free: list[tuple[Any, T]] = []
    mentioning: list[tuple[Any, T]] = []
    for one in waits:
        if not hard[one]:
            heappush(mentioning if soft[one] else free, (rank(one), one))
    done: dict[T, None] = {}
    circle = len(waits)
    while len(done) < len(waits):
        if free or mentioning:
            _, best = heappop(free or mentioning)
        else:
            circle = min(circle, len(done))
            best = min((one for one in waits if one not in done), key=rank)
        if best in done:
            continue
        done[best] = None
        for one in after[best]:
            hard[one].discard(best)
            soft[one].discard(best)
            if not hard[one] and one not in done:
                heappush(mentioning if soft[one] else free, (rank(one), one))
    return Ordered(list(done), circle)
