"""Who owns a new object: the owner of what it belongs to, or the owner of the other objects in its schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.cure import block
from sessionaudit.core.ref import dotted
from sessionaudit.core.step import Need
from sessionaudit.kinds.common.catalog_conditions import relation
from sessionaudit.kinds.common.rights import owning_of, role_there
from sessionaudit.sql.text import literal, quoted, tokens, unquote

if TYPE_CHECKING:
    from sessionaudit.core.kind import ObjectPath

MEMBER = "case when pg_catalog.current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end"
SUPERUSER = "exists (select from pg_catalog.pg_roles u where u.rolname = current_user and u.rolsuper)"
# The only owner of all other tables and views of a schema; if there are none, the owner of the schema, except a
# predefined role such as pg_database_owner. Null if that does not determine one.
_KEEPER = (
    "(select case when pg_catalog.count(distinct c.relowner) = 1 then pg_catalog.min(c.relowner::bigint)::oid"
    " when pg_catalog.count(c.oid) = 0 and pg_catalog.min(n.nspowner::bigint) not between 11 and 16383"
    " then pg_catalog.min(n.nspowner::bigint)::oid end"
    " from pg_catalog.pg_namespace n left join pg_catalog.pg_class c on c.relnamespace = n.oid"
    " and c.relkind in ('r', 'p', 'v', 'm', 'f'){without} where n.nspname = {schema})"
)
# Whether another role owns a schema, or a table or view in it; a predefined role stands for the database's owner.
_OTHERS = (
    "exists (select from pg_catalog.pg_namespace n where n.nspname = {schema} and"
    " (pg_catalog.pg_get_userbyid(case when n.nspowner::bigint between 11 and 16383 then (select d.datdba"
    " from pg_catalog.pg_database d where d.datname = pg_catalog.current_database()) else n.nspowner end)"
    " <> current_user or exists (select from pg_catalog.pg_class c where c.relnamespace = n.oid"
    " and c.relkind in ('r', 'p', 'v', 'm', 'f') and pg_catalog.pg_get_userbyid(c.relowner) <> current_user)))"
)


def hand_over(sequence: str, table: ObjectPath, column: str) -> list[str]:
    """Statements that make a column the owner of a sequence, for which both must have the same owner."""
    keeper = f"(select c.relowner from pg_catalog.pg_class c where c.oid = {relation(table)})"
    return [
        f"if pg_catalog.pg_get_userbyid({keeper}) <> (select pg_catalog.pg_get_userbyid(c.relowner)"
        f" from pg_catalog.pg_class c where c.oid = {literal(sequence)}::pg_catalog.regclass) then",
        f"  execute pg_catalog.format('alter sequence %s owner to %s', {literal(sequence)},"
        f" {keeper}::pg_catalog.regrole);",
        "end if;",
        f"alter sequence {sequence} owned by {dotted((*table, column))};",
    ]


def handing_over(table: ObjectPath) -> Need:
    """That the role can give what it creates to the owner of a table."""
    schema = quoted(table[0])
    return Need(
        f"(select pg_catalog.pg_get_userbyid(c.relowner) = current_user or {SUPERUSER}"
        f" or pg_catalog.pg_has_role(c.relowner, {MEMBER})"
        " and pg_catalog.has_schema_privilege(c.relowner, c.relnamespace, 'CREATE')"
        f" from pg_catalog.pg_class c where c.oid = {relation(table)})",
        f"be able to give a sequence to the owner of {dotted(table[:2])}, which needs CREATE on {schema}",
        f"Connect as its owner, or grant its owner CREATE on {schema}.",
    )


def owning_sequence(sequence: str) -> Need:
    """That the role owns a sequence, as SQL spells it, or is a member of the role that does."""
    path = ("pg_catalog", *(unquote(token.text) for token in tokens(sequence) if token.text != "."))[-2:]
    named = f"c.relkind = 'S' and c.oid = {relation(path)}"
    return owning_of("c.relowner", f"from pg_catalog.pg_class c where {named}", sequence)


def adopted(called: str, path: ObjectPath) -> str:
    """The statement that changes the owner of a new object (`called` as ALTER calls it), if the role may."""
    return block(
        f"declare\n  keeper oid := {_keeper(path)};\nbegin\n"
        f"  if pg_catalog.pg_get_userbyid(keeper) <> current_user and {_may('keeper', path)} then\n"
        f"    execute pg_catalog.format('alter %s owner to %s', {literal(called)}, keeper::pg_catalog.regrole);\n"
        "  end if;\nend"
    )


def adopting(path: ObjectPath) -> tuple[Need, ...]:
    """What the role needs to give a new object to the owner of the schema's other objects; optional.

    And that there is one such owner, or none but the role itself.
    """
    keeper, schema = "k.oid", quoted(path[0])
    return (
        Need(
            f"(select k.oid is null or pg_catalog.pg_get_userbyid(k.oid) = current_user or {_may(keeper, path)}"
            f" from (select {_keeper(path)}) as k (oid))",
            f"be a member of the role that owns the other objects in {schema}, and that role must have CREATE there",
        ),
        Need(
            f"({_keeper((path[0],))} is not null or not {_OTHERS.format(schema=literal(path[0]))})",
            f"no single role owns the other objects in {schema}",
            f"If new objects in {schema} are to belong to another role, state `owner`, or connect as that role (-d).",
            whole=True,
        ),
    )


def becoming_owner(path: ObjectPath, owner: str | None) -> tuple[Need, ...]:
    """What the role needs to change the owner of an object in a schema; a superuser needs nothing."""
    if owner is None:
        return ()
    role, schema = quoted(owner), quoted(path[0])
    return (
        *giving_to(path, owner),
        Need(
            f"({SUPERUSER} or (select pg_catalog.has_schema_privilege(r.oid, n.oid, 'CREATE')"
            " from pg_catalog.pg_roles r cross join pg_catalog.pg_namespace n"
            f" where r.rolname = {literal(owner)} and n.nspname = {literal(path[0])}))",
            f"the role {role} needs CREATE on the schema {schema}",
            f"grant create on schema {schema} to {role};",
            whole=True,
        ),
    )


def giving_to(path: ObjectPath, owner: str | None) -> tuple[Need, ...]:
    """What the role needs to make another one an owner, wherever that role may have objects."""
    if owner is None:
        return ()
    return (
        role_there(owner),
        Need(
            f"(select pg_catalog.pg_has_role(r.oid, {MEMBER}) from pg_catalog.pg_roles r"
            f" where r.rolname = {literal(owner)})",
            f"be a member of {quoted(owner)} to make it the owner of {dotted(path)}",
            f"grant {quoted(owner)} to {{role}};",
        ),
    )


def _keeper(path: ObjectPath) -> str:
    without = f" and c.oid is distinct from {relation(path)}" if len(path) == 2 else ""
    return _KEEPER.format(schema=literal(path[0]), without=without)


def _may(keeper: str, path: ObjectPath) -> str:
    return (
        f"({SUPERUSER} or pg_catalog.pg_has_role({keeper}, {MEMBER}) and pg_catalog.pg_has_role({keeper}, 'USAGE')"
        f" and pg_catalog.has_schema_privilege({keeper}, {literal(path[0])}, 'CREATE'))"
    )


def vacant(path: ObjectPath) -> Need:
    """That nothing but a table has the name: tables share theirs with indexes and sequences, and with types."""
    schema, name = map(literal, path)
    taken = f"c.oid = {relation(path)} and c.relkind not in ('r', 'p', 'v', 'm', 'f')"
    return Need(
        f"not (exists (select from pg_catalog.pg_class c where {taken})"
        " or exists (select from pg_catalog.pg_type t join pg_catalog.pg_namespace n on n.oid = t.typnamespace"
        f" where n.nspname = {schema} and t.typname = {name} and t.typrelid = 0 and t.typcategory <> 'A'))",
        f"a type, an index or a sequence already has the name {dotted(path)}",
        "Rename that object.",
        whole=True,
    )
