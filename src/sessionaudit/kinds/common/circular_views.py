"""Find views whose queries read themselves, at once or through other views."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.lint import Flaw
from sessionaudit.core.ref import dotted
from sessionaudit.kinds.lint_rules import CONTRADICTION
from sessionaudit.sql.from_clause import relations_read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.lint import Models
    from sessionaudit.core.ref import ObjectRef

_KINDS = ("view", "materialized_view")


def flaws(ref: ObjectRef, _view: object, models: Models, schema: str) -> Iterator[Flaw]:
    """A circle of views: none of them can be created first, and a query on one of them fails (42P17)."""
    came_from: dict[ObjectPath, ObjectPath] = {}
    waiting = [ref.path]
    while waiting:
        path = waiting.pop(0)
        for read in sorted(_read(path, models, schema) - came_from.keys()):
            came_from[read] = path
            waiting.append(read)
    if ref.path not in came_from:
        return
    circle = [ref.path]
    while (before := came_from[circle[-1]]) != ref.path:
        circle.append(before)
    if ref.path != min(circle):  # with which the circle is told
        return
    through = [dotted(path) for path in reversed(circle[1:])]
    how = f" through {', '.join(through)}" if through else ""
    yield Flaw(
        CONTRADICTION,
        f"The {ref} reads itself{how}: none of them can be created before the others."
        if through
        else f"The {ref} reads itself: it cannot be created.",
        facet="query",
    )


def _read(path: ObjectPath, models: Models, schema: str) -> set[ObjectPath]:
    """Return the views of the contract that the query of a view reads."""
    view = next((models[kind][path] for kind in _KINDS if models[kind].get(path) is not None), None)
    if view is None:
        return set()
    named = {(one or schema, name) for one, name in relations_read(view.query)}
    return {one for one in named if any(models[kind].get(one) is not None for kind in _KINDS)}
