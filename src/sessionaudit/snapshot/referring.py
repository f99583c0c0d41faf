"""What objects refer to in schemas that no contract is made of, such as a platform's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.ref import ObjectRef
from sessionaudit.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from sessionaudit.core.kind import Kind, ObjectPath

    Objects = Mapping[str, Mapping[ObjectPath, Any]]

_RELATIONS = tuple(kind.name for kind in KINDS if kind.is_relation)


def elsewhere(objects: Objects, known: Objects) -> tuple[ObjectPath, ...]:
    """The paths of relations to which objects refer, and that are not among the known ones."""
    return tuple(
        sorted({ref.path for refs in _refs(objects) for ref in refs if _relation(ref) and not _has(known, ref.path)})
    )


def divided(objects: Objects, paths: Collection[ObjectPath]) -> tuple[Objects, Objects]:
    """The objects, and those that are some relations or in one of them."""
    inside: dict[str, dict[ObjectPath, Any]] = {}
    outside: dict[str, dict[ObjectPath, Any]] = {}
    for kind in KINDS:
        if kind.name in objects:
            of_kind = objects[kind.name]
            outside[kind.name] = {path: of_kind[path] for path in of_kind if _around(kind, path) in paths}
            inside[kind.name] = {path: of_kind[path] for path in of_kind if path not in outside[kind.name]}
    return inside, outside


def reduced(outside: Objects, objects: Objects) -> Objects:
    """What objects refer to of others, and what these have for that."""
    refs = {ref for refs in _refs(objects) for ref in refs}
    columns = {
        (path, frozenset(ref.name for ref in refs if ref.path[:-1] == path))
        for refs in _refs(objects)
        for path in {ref.path for ref in refs if _relation(ref)}
    }
    return {
        kind.name: {
            path: model
            for path, model in outside.get(kind.name, {}).items()
            if ObjectRef(kind.name, path) in refs
            or (kind.backs and any(kind.backs(model, names) for around, names in columns if around == path[:-1]))
        }
        for kind in KINDS
    }


def _refs(objects: Objects) -> Iterator[tuple[ObjectRef, ...]]:
    for kind in KINDS:
        for model in objects.get(kind.name, {}).values() if kind.refers else ():
            yield tuple(kind.refers(model)) if kind.refers else ()


def _around(kind: Kind[Any], path: ObjectPath) -> ObjectPath:
    """The relation that an object is, or is in; of any other an empty path."""
    return path if kind.is_relation else path[:-1] if kind.within else ()


def _relation(ref: ObjectRef) -> bool:
    return ref.kind in _RELATIONS


def _has(objects: Objects, path: ObjectPath) -> bool:
    return any(path in objects.get(name, {}) for name in _RELATIONS)
