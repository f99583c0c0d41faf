"""What roles were granted on an object, as a mapping of their names to lists of privileges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.entries import role, standing
from sessionaudit.core.node import ABSENT, Node, NodeError, Scalar, mapping, nearest, texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# What each role was granted itself, in the order of the names; `public` is PUBLIC.
RoleGrants = tuple[tuple[str, frozenset[str]], ...]


def read(node: Node, privileges: tuple[str, ...], on: str, newer: Iterable[str] = ()) -> RoleGrants:
    """Read `role: [privilege]`, `role: all` or `role: absent`. Raises NodeError.

    `all` does not mean those that only `newer` servers have.
    """
    found: dict[str, frozenset[str]] = {}
    for key, value in mapping(node, "a mapping of roles to privileges").items():
        name = role(key)
        if name in found:
            raise NodeError(f"the role “{name}” stands here twice", key)
        found[name] = _privileges(value, privileges, on, frozenset(newer))
    return tuple(sorted(found.items()))


def _privileges(node: Node, privileges: tuple[str, ...], on: str, newer: frozenset[str]) -> frozenset[str]:
    if isinstance(node, Scalar) and node.lower() in {ABSENT, "all"}:
        return frozenset() if node == ABSENT else frozenset(privileges) - newer
    words = frozenset(word.lower() for word in texts(node, "a privilege"))
    for word in sorted(words):
        if word not in privileges:
            raise NodeError(f"unknown privilege “{word}” on {on}", node, hint=nearest(word, privileges))
    return words


def load(given: Iterable[str]) -> RoleGrants:
    """Read texts of a catalog query, each a privilege and the role that has it."""
    found: dict[str, set[str]] = {}
    for one in given:
        privilege, _, grantee = one.partition(" ")
        found.setdefault(grantee, set()).add(privilege)
    return tuple(sorted((name, frozenset(words)) for name, words in found.items()))


def less(grants: Iterable[tuple[str, frozenset[str]]], had: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """What each role has in one mapping beyond another, without those for which nothing is left."""
    found = {name: words - had.get(name, frozenset()) for name, words in grants}
    return {name: words for name, words in found.items() if words}


def without(grants: RoleGrants, lacking: Mapping[str, frozenset[str]]) -> RoleGrants:
    """The grants without what roles lack of them: a role for which nothing is left stands with nothing."""
    return tuple((name, words - lacking.get(name, frozenset())) for name, words in grants)


def with_more(grants: RoleGrants, more: Mapping[str, frozenset[str]]) -> RoleGrants:
    """The grants, and what roles have beyond them."""
    known = dict(grants)
    return tuple(sorted((known | {name: known.get(name, frozenset()) | words for name, words in more.items()}).items()))


def with_all_of(other: RoleGrants, grants: RoleGrants) -> RoleGrants:
    """The grants, and all roles of others: those that have none stand with nothing."""
    return tuple(sorted(({name: frozenset[str]() for name, _ in other} | dict(grants)).items()))


def spelled(grants: RoleGrants, privileges: tuple[str, ...], owner: str | None = None) -> dict[str, str | list[str]]:
    """What each role but the owner was granted, as the contract writes it."""
    return {standing(name): listed(words, privileges) or ABSENT for name, words in grants if name != owner}


def listed(words: frozenset[str], privileges: tuple[str, ...]) -> list[str]:
    """Privileges in the order in which PostgreSQL's manual has them."""
    return [word for word in privileges if word in words]


def told(found: Mapping[str, frozenset[str]], privileges: tuple[str, ...], verb: str) -> str:
    """Say who has, or lacks, which privileges."""
    return "; ".join(
        f"{'PUBLIC' if name == 'public' else f'the role {name}'} {verb} {', '.join(listed(words, privileges))}"
        for name, words in found.items()
    )


def shape(privileges: tuple[str, ...]) -> dict[str, Any]:
    """The JSON Schema of such a mapping."""
    one = {
        "anyOf": [
            {"enum": ["all", "absent"]},
            {"type": "array", "items": {"enum": list(privileges)}, "uniqueItems": True},
        ]
    }
    return {
        "type": "object",
        "additionalProperties": one,
        "description": "The privileges of each role; of others nothing is said.",
    }
