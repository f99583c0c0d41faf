"""Tables: created from their declared columns, with their owner and row security."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.cure import Cure, Difference, absent, guarding, negated, present
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.step import Hazard, Need, Step
from sessionaudit.kinds.column.model import show
from sessionaudit.kinds.common.address import of_relation
from sessionaudit.kinds.common.catalog_conditions import relation
from sessionaudit.kinds.common.ownership import MEMBER, SUPERUSER, adopted, adopting
from sessionaudit.kinds.common.rights import creating_in, owning, role_there
from sessionaudit.kinds.grant.cure import withheld
from sessionaudit.kinds.table import cure_properties as table_shape_cures
from sessionaudit.kinds.table.model import IMPLIED, OFF, Table
from sessionaudit.kinds.table.properties import NO_PARENT
from sessionaudit.kinds.table.relation_kind import TABLES
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from sessionaudit.core.kind import ObjectPath

_GUARDED = TABLES
_SECURITY = {  # the weakest first
    "disabled": "disable row level security, no force row level security",
    "disabled but forced": "disable row level security, force row level security",
    IMPLIED: "enable row level security",
    "enabled": "enable row level security, no force row level security",
    "forced": "enable row level security, force row level security",
}
_SECURED = {
    IMPLIED: "c.relrowsecurity",
    "enabled": "c.relrowsecurity and not c.relforcerowsecurity",
    "forced": "c.relrowsecurity and c.relforcerowsecurity",
    "disabled": "not c.relrowsecurity and not c.relforcerowsecurity",
    "disabled but forced": "not c.relrowsecurity and c.relforcerowsecurity",
}


def create(difference: Difference[Table]) -> tuple[Step, ...]:
    """Create it with all its columns, with row security before anybody can read it.

    Default privileges may grant access to roles that the contract does not name: that is revoked at once.
    """
    ref, new = difference.ref, difference.new
    columns = {path: column for path, column in difference.declared("column", ref.path).items() if column}
    if (
        (not columns and not new.columnless)
        or new.kind not in {None, "table"}
        or new.shape.parent not in {None, NO_PARENT}
    ):
        return ()
    texts = [show(column) for column in columns.values()]
    body = ",\n  ".join(f"{quoted(path[2])} {text}" for path, text in zip(columns, texts, strict=True))
    unlogged = "unlogged " if new.shape.persistence == "unlogged" else ""
    listed = f"(\n  {body}\n)" if body else "()"
    sql = [f"create {unlogged}table {difference.on} {listed}"]
    if new.row_security not in {None, "disabled"}:
        sql.append(f"alter table {difference.on} {_SECURITY[new.row_security or IMPLIED]}")
    sql += [withheld(path) for path, grant in difference.declared("grant", ref.path).items() if grant is None]
    if new.owner is not None:
        sql.append(f"alter table {difference.on} owner to {quoted(new.owner)}")
    else:
        sql.append(adopted(f"table {difference.on}", ref.path))
    return (
        Step(
            action=f"Create the table {difference.on}",
            ref=ref,
            sql=tuple(sql),
            done=_is(ref.path, "c.relkind in ('r', 'p', 'v', 'm', 'f')"),
            locks=(difference.table,),
            provides=(present(ref), *(present(ObjectRef("column", path)) for path in columns)),
            reads=tuple(texts),
            needs=(creating_in(ref.path[0]), _vacant(ref.path), *_owner(ref.path, new.owner)),
            wishes=() if new.owner else (adopting(ref.path),),
        ),
    )


def drop(difference: Difference[Table]) -> tuple[Step, ...]:
    """Drop it; PostgreSQL refuses while anything else depends on it."""
    ref, kind = difference.ref, difference.old.kind
    keys = difference.present["foreign_key"]
    return (
        Step(
            action=f"Drop the {kind} {difference.on}",
            ref=ref,
            sql=(f"drop {'table' if kind in _GUARDED else kind} {difference.on}",),
            done=negated(_is(ref.path, "c.relkind in ('r', 'p', 'v', 'm', 'f')")),
            locks=tuple(
                dict.fromkeys(
                    (difference.table, *(key.target for path, key in keys.items() if path[:2] == difference.table))
                )
            ),
            provides=(absent(ref),),
            needs=(owning(ref.path),),
            hazards=(Hazard.DATA_LOSS if kind in _GUARDED else Hazard.DROP,),
        ),
    )


def secure(difference: Difference[Table]) -> tuple[Step, ...]:
    """Switch row security: on only when the policies exist, since without any nobody sees a row."""
    ref, state = difference.ref, difference.new.row_security
    if state is None or difference.old.kind not in _GUARDED:
        return ()
    policies = [
        ObjectRef("policy", path)
        for path, policy in difference.wanted["policy"].items()
        if path[:2] == ref.path and policy is not None
    ]
    words = {**dict.fromkeys(OFF, "Disable row security"), "forced": "Force row security"}
    return (
        Step(
            action=f"{words.get(state, 'Enable row security')} on {difference.on}",
            ref=ref,
            sql=(f"alter table {difference.on} {_SECURITY[state]}",),
            done=_is(ref.path, _SECURED[state]),
            locks=(difference.table,),
            provides=() if state in OFF else (guarding(ref),),
            requires=() if state in OFF else tuple(map(present, policies)),
            needs=(owning(ref.path),),
            hazards=(Hazard.RIGHTS, *((Hazard.LOOSEN,) if _less_secure(difference) else ())),
        ),
    )


def _less_secure(difference: Difference[Table]) -> bool:
    """Whether somebody would bypass row security who is subject to it now."""
    states = [*_SECURITY]
    return states.index(difference.new.row_security or "") < states.index(difference.old.row_security or "")


def give(difference: Difference[Table]) -> tuple[Step, ...]:
    """Change its owner, with its indexes and the sequences that belong to its columns."""
    ref, owner = difference.ref, difference.new.owner
    if owner is None:
        return ()
    return (
        Step(
            action=f"Change the owner of the {difference.old.kind} {difference.on} to {quoted(owner)}",
            ref=ref,
            sql=(f"alter table {difference.on} owner to {quoted(owner)}",),
            done=_is(ref.path, f"pg_catalog.pg_get_userbyid(c.relowner) = {literal(owner)}"),
            locks=(difference.table,),
            needs=(owning(ref.path), *_owner(ref.path, owner)),
            hazards=(Hazard.RIGHTS,),
        ),
    )


def _is(path: ObjectPath, condition: str) -> str:
    return f"exists (select from pg_catalog.pg_class c where c.oid = {relation(path)} and {condition})"


# Rights


def _owner(path: ObjectPath, owner: str | None) -> tuple[Need, ...]:
    """What the role needs to change the owner of a relation; a superuser needs nothing."""
    if owner is None:
        return ()
    role, schema = quoted(owner), quoted(path[0])
    return (
        role_there(owner),
        Need(
            f"(select pg_catalog.pg_has_role(r.oid, {MEMBER}) from pg_catalog.pg_roles r"
            f" where r.rolname = {literal(owner)})",
            f"be a member of {role} to make it the owner of {dotted(path)}",
            f"grant {role} to {{role}};",
        ),
        Need(
            f"({SUPERUSER} or (select pg_catalog.has_schema_privilege(r.oid, n.oid, 'CREATE')"
            " from pg_catalog.pg_roles r cross join pg_catalog.pg_namespace n"
            f" where r.rolname = {literal(owner)} and n.nspname = {literal(path[0])}))",
            f"the role {role} needs CREATE on the schema {schema}",
            f"grant create on schema {schema} to {role};",
            whole=True,
        ),
    )


def _vacant(path: ObjectPath) -> Need:
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


CURE = Cure(
    create=create,
    drop=drop,
    alter={"kind": None, "row_security": secure, "owner": give, **table_shape_cures.ALTER},
    address=of_relation,
)
