"""Find what leads back to itself, at once or through others."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sessionaudit.core.kind import ObjectPath


def circle_from(start: ObjectPath, next_of: Callable[[ObjectPath], Iterable[ObjectPath]]) -> tuple[ObjectPath, ...]:
    """Return a shortest circle, from `start` on; () if there is none, or if another member of it comes first by name.

    So each circle is told once.
    """
    came_from: dict[ObjectPath, ObjectPath] = {}
    waiting = [start]
    while waiting and start not in came_from:
        path = waiting.pop(0)
        for other in sorted({*next_of(path)} - came_from.keys()):
            came_from[other] = path
            waiting.append(other)
    if start not in came_from:
        return ()
    members = [start]
    while (before := came_from[members[-1]]) != start:
        members.append(before)
    return () if start != min(members) else (start, *reversed(members[1:]))
