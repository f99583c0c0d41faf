"""How the sections of the contract name their objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.fragment import Fragment
from sessionaudit.core.kind import Entry, Scope
from sessionaudit.core.node import Mapping, Node, Scalar, mapping, sequence, text
from sessionaudit.core.sql import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator


def by_name(node: Node, scope: Scope) -> Iterator[Entry]:
    """`name: definition`, where the name is taken as it stands, below the object around it."""
    for key, value in mapping(node, "a mapping of names to definitions").items():
        name = unquote(key) if key.startswith('"') and key.endswith('"') else str(key)
        yield Entry((*scope.path, name), key, value)


def by_qualified_name(node: Node, scope: Scope) -> Iterator[Entry]:
    """`name: definition` or `schema.name: definition`, spelled as in SQL."""
    for key, value in mapping(node, "a mapping of names to definitions").items():
        yield Entry(qualified(key, scope.schema), key, value)


def in_lists(node: Node, scope: Scope) -> Iterator[Entry]:
    """`owner: [name, schema.name]`, or `owner: {name: absent}`: the members' names as in SQL."""
    for key, members in mapping(node, "a mapping of names to lists").items():
        if isinstance(members, Mapping):
            for name, value in members.items():
                yield Entry((str(key), *qualified(name, scope.schema)), name, value)
            continue
        for member in sequence(members, "a list of names"):
            name = text(member, "a name")
            yield Entry((str(key), *qualified(name, scope.schema)), name, name)


def listed(node: Node, _scope: Scope) -> Iterator[Entry]:
    """`[name, name]`, or `name: absent`: names as they stand."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield Entry((str(key),), key, value)
        return
    for member in sequence(node, "a list of names"):
        name = text(member, "a name")
        yield Entry((str(name),), name, name)


def qualified(name: Scalar, schema: str) -> tuple[str, str]:
    """Read `name` or `schema.name`. Raises FragmentError."""
    if name.isidentifier() and name.islower():
        return schema, str(name)
    fragment = Fragment(name)
    path = fragment.qualified(schema)
    if not fragment.done:
        raise fragment.error("the end of the name", hint=f"""Quote a name as in SQL: '"{name}"'.""")
    return path
