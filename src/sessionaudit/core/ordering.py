"""Sort things so that each comes after those that it waits for.

`graphlib` does not support two requirements: a mention is respected only if possible, and things that wait for each
other in a cycle are also included in the order.
"""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

T = TypeVar("T")


class Ordered(NamedTuple, Generic[T]):
    """Things in their order; from the position `circle` on they are in a cycle, or after one."""

    order: list[T]
    circle: int


def ordered(
    waits: Mapping[T, Collection[T]], rank: Callable[[T], Any], mentions: Mapping[T, Collection[T]] | None = None
) -> Ordered[T]:
    """Sort the keys of `waits` so that each comes after those that it waits for.

    Among the keys that could come next, the first by `rank` does; ranks are unique. A key that mentions another one not
    yet in the order is postponed. If all wait for each other, the first by rank comes next.
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


def a_circle(waits: Mapping[T, Collection[T]]) -> list[T]:
    """Return the keys of a cycle, each of which waits for the next one or the one before; none if there is no cycle."""
    try:
        TopologicalSorter(waits).prepare()
    except CycleError as error:
        found: list[T] = error.args[1]
        return found[1:]
    return []
