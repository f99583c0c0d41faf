"""Find views whose queries read themselves, at once or through other views."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.lint import Flaw
from sessionaudit.kinds.common.circles import circle_from, told_of_circle
from sessionaudit.kinds.lint_rules import CONTRADICTION
from sessionaudit.sql.from_clause import relations_read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.lint import Models
    from sessionaudit.core.ref import ObjectRef

_OF_CATALOG = "pg_"  # so begin all relations of pg_catalog, which is searched before any other schema
_KINDS = ("view", "materialized_view")


def flaws(ref: ObjectRef, _view: object, models: Models, schema: str) -> Iterator[Flaw]:
    """A circle of views: none of them can be created first, and a query on one of them fails (42P17)."""
    circle = circle_from(ref.path, lambda path: _read(path, models, schema))
    if circle:
        yield Flaw(CONTRADICTION, told_of_circle(ref, "reads", circle), facet="query")


def _read(path: ObjectPath, models: Models, schema: str) -> set[ObjectPath]:
    """Return the views of the contract that the query of a view reads."""
    view = next((models[kind][path] for kind in _KINDS if models[kind].get(path) is not None), None)
    if view is None:
        return set()
    told = relations_read(view.query)
    named = {(one or schema, name) for one, name in told if one or not name.startswith(_OF_CATALOG)}
    return {one for one in named if any(models[kind].get(one) is not None for kind in _KINDS)}
