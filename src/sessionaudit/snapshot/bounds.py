"""What belongs to roles, which are those of a whole server: bounded to the roles that a database's objects name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from sessionaudit.core.kind import ObjectPath

    Objects = Mapping[str, Mapping[ObjectPath, Any]]

_PUBLIC = "public"


def bounded(objects: Objects, own: Callable[[set[str]], bool], stated: Mapping[str, Collection[ObjectPath]]) -> Objects:
    """The objects but for those between roles that no other object names, and those of roles that are a platform's own.

    The paths that a contract has `stated` stay.
    """
    named = {
        role
        for kind in KINDS
        for path, model in (objects.get(kind.name, {}).items() if kind.roles else ())
        for role in (kind.roles(path, model) if kind.roles else ())
    } - {_PUBLIC}
    found: dict[str, Mapping[ObjectPath, Any]] = {**objects}
    for kind in KINDS:
        if kind.belongs_to is None or kind.name not in objects:
            continue
        found[kind.name] = {
            path: model
            for path, model in objects[kind.name].items()
            if path in stated.get(kind.name, ())
            or ((not kind.among_roles or named.issuperset(path)) and not own({*kind.belongs_to(path)}))
        }
    return found
