"""Schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sessionaudit.core.compared import Compared
from sessionaudit.core.entries import bare
from sessionaudit.core.node import PRESENT, Node, flow, known_keys, mapping, text
from sessionaudit.kinds.common import owner_and_grants, role_grants

if TYPE_CHECKING:
    from sessionaudit.kinds.common.role_grants import RoleGrants

PRIVILEGES = ("usage", "create")
KEYS = ("owner", "grants")


class Namespace(Compared, frozen=True, kw_only=True):
    """A schema. None where the contract says nothing of it.

    `grants` has what each role was granted itself. Of a real one, `held` has what those roles can do that may have more
    than that, as members of others or as superusers, `grantable` what roles may grant to others, and `superusers` those
    of the roles that may do everything anyway.
    """

    aside: ClassVar = frozenset({"held", "superusers"})

    owner: str | None = None
    grants: RoleGrants | None = None
    held: RoleGrants = ()
    grantable: RoleGrants = ()
    superusers: tuple[str, ...] = ()


def read(node: Node, _schema: str) -> Namespace:
    """Read an entry of `schemas:`: `{}` where no more is said than that it exists."""
    if node == PRESENT:
        return Namespace()
    found = mapping(node, "{}, or a mapping with owner and grants")
    known_keys(found, KEYS, "a schema")
    fields = {str(key): value for key, value in found.items()}
    return Namespace(
        owner=bare(text(fields["owner"], "a role")) if "owner" in fields else None,
        grants=role_grants.read(fields["grants"], PRIVILEGES, "a schema") if "grants" in fields else None,
    )


def load(row: tuple[Any, ...], _schema: str) -> Namespace:
    """Make a Namespace of a row of the catalog query."""
    owner, grants, held, grantable, superusers = row
    return Namespace(
        owner=owner,
        grants=role_grants.load(grants),
        held=role_grants.load(held),
        grantable=role_grants.load(grantable),
        superusers=tuple(superusers),
    )


def open_to_all(expected: Namespace, actual: Namespace) -> bool:
    """Whether all roles may create objects, and the contract lists grants without saying so of PUBLIC."""
    unsaid = expected.grants is not None and "public" not in dict(expected.grants)
    return unsaid and "create" in dict(actual.grants or ()).get("public", ())


def unnamed_creators(expected: Namespace, actual: Namespace) -> tuple[str, ...]:
    """Return the roles that were granted CREATE, and that the contract does not name though it lists grants.

    Neither the owner nor PUBLIC is among them, nor a superuser, whom no grant gives anything.
    """
    if expected.grants is None:
        return ()
    known = {*dict(expected.grants), actual.owner, "public", *actual.superusers}
    return tuple(name for name, words in actual.grants or () if "create" in words and name not in known)


def spell(schema: Namespace) -> dict[str, Any]:
    """The whole schema as a mapping of the contract; what its owner may do is not said."""
    found: dict[str, Any] = {} if schema.owner is None else {"owner": schema.owner}
    return found | condensed(schema)


def condensed(schema: Namespace) -> dict[str, Any]:
    """The schema without its owner, which is often another one in another database."""
    return {} if schema.grants is None else {"grants": owner_and_grants.spelled(schema, PRIVILEGES)}


def show(schema: Namespace) -> str:
    """The schema as the contract writes it, on one line."""
    found = spell(schema)
    parts = [f"{key}: {flow(value)}" for key, value in found.items()]
    return f"{{{', '.join(parts)}}}"


def show_grants(schema: Namespace) -> str:
    """What each role but the owner was granted, as the contract writes it."""
    return flow(owner_and_grants.spelled(schema, PRIVILEGES))
