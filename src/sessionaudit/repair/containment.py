"""Tell what an object is in or on, or a member of, so that it goes with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.ref import ObjectRef
from sessionaudit.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.kind import Kind, ObjectPath

_RELATIONS = tuple(kind.name for kind in KINDS if kind.is_relation)
_MEMBER = ("schema", "name")  # the end of the path of a relation's membership in something


def around(kind: Kind[Any], path: ObjectPath) -> Iterator[ObjectRef]:
    """Return what an object of a kind may be in or on, of each kind that could be."""
    yield from (ObjectRef(name, path[:-1]) for name in kind.within)
    for name, size in _CONTAINERS[kind.name]:
        yield ObjectRef(name, path[:size])
    if kind.path[-2:] == _MEMBER and len(path) > len(_MEMBER):
        yield from (ObjectRef(name, path[-2:]) for name in _RELATIONS)


def _containers(kind: Kind[Any]) -> Iterator[tuple[str, int]]:
    """Return the kinds by whose names a kind's paths begin, as a table's membership does by the publication's."""
    for other in KINDS:
        size = len(other.identity)
        of_its_own = "schema" not in other.identity and not other.on_relation
        if of_its_own and size < len(kind.identity) and kind.identity[:size] == other.identity:
            yield other.name, size


_CONTAINERS = {kind.name: tuple(_containers(kind)) for kind in KINDS}
