"""How the sections of the contract name their objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.kind import Entry, Scope
from sessionaudit.core.node import (
    ABSENT,
    PRESENT,
    Mapping,
    Node,
    NodeError,
    Scalar,
    brief,
    described,
    mapping,
    name,
    sequence,
    text,
)
from sessionaudit.sql.fragment import Fragment, FragmentError
from sessionaudit.sql.text import identifier, unquote

if TYPE_CHECKING:
    from collections.abc import Iterator


def by_name(node: Node, scope: Scope) -> Iterator[Entry]:
    """`name: definition`, where the name is taken as it stands, below the object around it."""
    for key, value in mapping(node, "a mapping of names to definitions").items():
        yield Entry((*scope.path, bare(name(key))), key, value)


def by_qualified_name(node: Node, scope: Scope) -> Iterator[Entry]:
    """`name: definition` or `schema.name: definition`, spelled as in SQL."""
    for key, value in mapping(node, "a mapping of names to definitions").items():
        yield Entry(qualified(name(key), scope.schema), key, value)


def in_lists(node: Node, scope: Scope) -> Iterator[Entry]:
    """`owner: [name, schema.name]`, or `owner: {name: absent}`: the members' names as in SQL.

    In a mapping, `name: present` says of a member what the list does.
    """
    for key, members in mapping(node, "a mapping of names to lists").items():
        owner = bare(name(key))
        for member, value in _members(members, "a list of names"):
            yield Entry((owner, *qualified(member, scope.schema)), member, value)


def listed(node: Node, _scope: Scope) -> Iterator[Entry]:
    """`[name, name]`, or `name: absent`: names as they stand."""
    for member, value in _members(node, "a list of names"):
        yield Entry((bare(member),), member, value)


def _members(node: Node, what: str) -> Iterator[tuple[Scalar, Node]]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            if value not in {ABSENT, PRESENT}:
                raise NodeError(
                    f"expected “{ABSENT}”, found {described(value)}", value, hint="List what must exist: [a, b]."
                )
            yield name(key), key if value == PRESENT else value
        return
    for member in sequence(node, what):
        yield name(text(member, "a name")), member


def role(name: Scalar) -> str:
    """A role's name as it stands, or spelled as in SQL; PUBLIC is no role, and is known in every case."""
    return "public" if name.lower() == "public" else bare(name)


def standing(name: str) -> str:
    """A name as it stands, but spelled as in SQL where it would be read as if it were, or as PUBLIC."""
    return identifier(name) if _as_sql(name) or (name.lower() == "public" != name) else str(name)


def bare(name: Scalar) -> str:
    """The name that is meant by what stands: as SQL spells it where it is quoted, else as it stands."""
    return unquote(name) if _as_sql(name) else str(name)


def _as_sql(name: str) -> bool:
    return len(name) > 2 and name.startswith('"') and name.endswith('"')


def qualified(name: Scalar, schema: str) -> tuple[str, str]:
    """Read `name` or `schema.name`. Raises NodeError."""
    if name.isidentifier() and name.islower():
        return schema, str(name)
    try:
        fragment = Fragment(name)
        path = fragment.qualified(schema)
        if not fragment.done:
            raise fragment.error("the end of the name", hint=f"""Quote a name as in SQL: '"{brief(name)}"'.""")
    except FragmentError as error:
        raise NodeError(str(error), name, error.hint, error.offset) from None
    return path
