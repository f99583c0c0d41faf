"""Find what leads back to itself, at once or through others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.ref import dotted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.ref import ObjectRef


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


def told_of_circle(ref: ObjectRef, does: str, circle: tuple[ObjectPath, ...]) -> str:
    """Say of an object what it `does` to itself, such as “reads”, and that it cannot be created."""
    through = ", ".join(map(dotted, circle[1:]))
    if not through:
        return f"The {ref} {does} itself: it cannot be created."
    return f"The {ref} {does} itself through {through}: none of them can be created before the others."
