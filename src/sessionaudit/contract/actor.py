"""Read `as:`, the role that sends a statement and the claims of its requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.contract.invariants import query
from sessionaudit.core.node import Mapping, Node, NodeError, Scalar, known_keys, mapping, name, text

if TYPE_CHECKING:
    from collections.abc import Iterator

KEYS = ("role", "claims")
_BY_QUERY = """A query gives any: claims: select '{"app_metadata": {"role": "admin"}}'::json"""


class Actor(Struct, frozen=True, kw_only=True):
    """A role, and the claims of its requests: those that are `stated`, or a query for them."""

    role: Scalar
    claims: Scalar | None = None
    stated: tuple[tuple[str, Scalar], ...] = ()


def read_actor(node: Node, *, stated: bool = False) -> Actor:
    """Read a mapping of a role and its claims, which may be `stated` in a mapping. Raises NodeError."""
    found = mapping(node, "a mapping with role and claims")
    known_keys(found, KEYS, "as")
    fields = {str(key): value for key, value in found.items()}
    if "role" not in fields:
        raise NodeError("“as” needs a role", found)
    role, claims = role_of(fields["role"]), fields.get("claims")
    if claims is None:
        return Actor(role=role)
    if stated and isinstance(claims, Mapping):
        return Actor(role=role, stated=tuple(_claims(claims)))
    return Actor(role=role, claims=query(claims, "a query of the claims, as json"))


def role_of(node: Node) -> Scalar:
    """Read the name of a role. Raises NodeError."""
    role = text(node, "a role")
    if role == "none":
        raise NodeError("no role is called none", role, "Without “as”, the role that connects sends it.")
    return role


def _claims(node: Mapping) -> Iterator[tuple[str, Scalar]]:
    for key, value in node.items():
        if not isinstance(value, Scalar):
            raise NodeError(f"the claim {key} is no text", value, _BY_QUERY)
        yield str(name(key)), text(value, "a text, or a value such as “:customer”")
