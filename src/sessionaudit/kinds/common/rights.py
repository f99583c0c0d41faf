"""The rights, and the other conditions, without which a step fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.ref import dotted
from sessionaudit.core.step import Need
from sessionaudit.kinds.common.catalog_conditions import relation
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from sessionaudit.core.kind import ObjectPath


def owning_of(owner: str, source: str, what: str, *, otherwise: str = "", instead: str = "") -> Need:
    """Return the need that the role owns something, or is a member of its owner.

    `owner` is the column of the owner's oid in what `source` selects from. With the SQL condition `otherwise` it need
    not, which the words `instead` say.
    """
    return Need(
        f"(select pg_catalog.pg_has_role({owner}, 'USAGE'){otherwise} {source})",
        f"own {what}",
        "Connect as its owner, or as a member of the role that owns it.",
        owner=f"(select {owner} {source})",
        instead=instead,
    )


def owning(path: ObjectPath) -> Need:
    """Return the need that the role owns a relation, or is a member of its owner."""
    return owning_of("c.relowner", f"from pg_catalog.pg_class c where c.oid = {relation(path)}", dotted(path[:2]))


def creating_in(schema: str) -> Need:
    """Return the need that the role may create objects in a schema."""
    holds = (
        "(select pg_catalog.has_schema_privilege({}n.oid, 'CREATE') from pg_catalog.pg_namespace n where n.nspname = "
    )
    return Need(
        f"{holds.format('')}{literal(schema)})",
        f"have CREATE on the schema {dotted((schema,))}",
        f"grant create on schema {dotted((schema,))} to {{role}};",
        of_another=f"{holds.format('{role}, ')}{literal(schema)})",
    )


def role_there(role: str) -> Need:
    """Return the need that a role exists."""
    return Need(
        f"exists (select from pg_catalog.pg_roles r where r.rolname = {literal(role)})",
        f"the role {quoted(role)} does not exist",
        f"create role {quoted(role)};",
        whole=True,
    )


def since(major: int, what: str) -> Need:
    """Return the need that the server's version supports something."""
    return Need(
        f"pg_catalog.current_setting('server_version_num')::int >= {major}0000",
        f"needs PostgreSQL {major} or later, for {what}",
        "Upgrade the server, or leave it out of the contract.",
        whole=True,
    )


def referencing(path: ObjectPath) -> Need:
    """Return the need that the role may reference a table by foreign keys."""
    return Need(
        f"pg_catalog.has_table_privilege({relation(path)}, 'REFERENCES')",
        f"have REFERENCES on {dotted(path[:2])}",
        f"grant references on {dotted(path[:2])} to {{role}};",
        of_another=f"pg_catalog.has_table_privilege({{role}}, {relation(path)}, 'REFERENCES')",
    )
