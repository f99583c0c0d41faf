"""Read the names of objects in the sections of the contract."""

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
    """Read `name: definition`; the name is used unchanged, below the containing object."""
    for key, value in mapping(node, "a mapping of names to definitions").items():
        yield Entry((*scope.path, bare(name(key))), key, value)


def by_qualified_name(node: Node, scope: Scope) -> Iterator[Entry]:
    """Read `name: definition` or `schema.name: definition`, spelled as in SQL."""
    for key, value in mapping(node, "a mapping of names to definitions").items():
        yield Entry(qualified(name(key), scope.schema), key, value)


def in_lists(node: Node, scope: Scope) -> Iterator[Entry]:
    """Read `owner: [name, schema.name]`, or `owner: {name: absent}`; the members are spelled as in SQL.

    In a mapping, `name: present` means the same as a name in a list.
    """
    for key, members in mapping(node, "a mapping of names to lists").items():
        owner = bare(name(key))
        for member, value in _members(members, "a list of names"):
            yield Entry((owner, *qualified(member, scope.schema)), member, value)


def listed(node: Node, _scope: Scope) -> Iterator[Entry]:
    """Read `[name, name]`, or `name: absent`; the names are used unchanged."""
    for member, value in _members(node, "a list of names"):
        yield Entry((bare(member),), member, value)


def _members(node: Node, what: str) -> Iterator[tuple[Scalar, Node]]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            if value not in (ABSENT, PRESENT):  # a mapping has no hash
                raise NodeError(
                    f"expected “{ABSENT}”, found {described(value)}", value, hint="List what must exist: [a, b]."
                )
            yield name(key), key if value == PRESENT else value
        return
    for member in sequence(node, what):
        yield name(text(member, "a name")), member


def role(name: Scalar) -> str:
    """Read a role's name, unchanged or spelled as in SQL; PUBLIC is not a role, and is recognized in any case."""
    return "public" if name.lower() == "public" else bare(name)


def standing(name: str) -> str:
    """Spell a name for the contract: unchanged, or quoted as in SQL if it would be read differently."""
    return identifier(name) if _as_sql(name) or (name.lower() == "public" != name) else str(name)


def bare(name: Scalar) -> str:
    """Return the name that a text denotes: as in SQL if it is quoted, else the text itself."""
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
