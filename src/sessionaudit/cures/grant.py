"""Grants: exactly what is missing is granted, exactly what is in excess is revoked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.cure import (
    Cure,
    Difference,
    absent,
    array,
    block,
    owning,
    present,
    relation,
    role_there,
    since,
    standing_on,
)
from sessionaudit.core.ref import dotted
from sessionaudit.core.sql import literal, quoted
from sessionaudit.core.step import Condition, Hazard, LockLevel, Need, Step
from sessionaudit.kinds.grant import PRIVILEGES, Grant

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.core.kind import ObjectPath

_NEWEST = "maintain"  # since PostgreSQL 17


def create(difference: Difference[Grant]) -> tuple[Step, ...]:
    """Grant all that the contract gives, and no more: a new table may have more from default privileges."""
    return _granting(difference, difference.new.privileges)


def add(difference: Difference[Grant]) -> tuple[Step, ...]:
    """Grant what is missing."""
    return _granting(difference, difference.new.privileges - difference.old.privileges)


def revoke_excess(difference: Difference[Grant]) -> tuple[Step, ...]:
    """Revoke what the role was given itself beyond the contract, on the table as on single columns."""
    old = difference.old
    excess = (old.granted | old.own_columns) - difference.new.privileges
    if not excess:
        return ()
    words = ", ".join(_sorted(excess))
    return _revoking(difference, words, _sorted(excess))


def keep_to_itself(difference: Difference[Grant]) -> tuple[Step, ...]:
    """Take away the right to pass privileges on, and none of them."""
    ref, role = difference.ref, quoted(difference.ref.path[2])
    privileges = _sorted(difference.old.grantable)
    words = ", ".join(privileges)
    return (
        Step(
            action=f"Revoke the grant option for {words} on {difference.on} from {role}",
            ref=ref,
            sql=(f"revoke grant option for {words} on {difference.on} from {role}",),
            done=f"not {_explicit(ref.path, privileges, f'x.grantee = {_oid(ref.path[2])} and x.is_grantable')}",
            lock=LockLevel.ACCESS_SHARE,
            locks=(difference.table,),
            needs=(
                owning(ref.path),
                _granted_by_owner(ref.path, privileges),
                _passed_on(ref.path, privileges, f"grant option for {words}"),
            ),
            hazards=(Hazard.RIGHTS,),
        ),
    )


def drop(difference: Difference[Grant]) -> tuple[Step, ...]:
    """Revoke all that the role was given itself; what it has as a member, or through PUBLIC, is not its own."""
    if not difference.old.granted | difference.old.own_columns:
        return ()
    return _revoking(difference, "all", PRIVILEGES, absent(difference.ref))


def _granting(difference: Difference[Grant], privileges: frozenset[str]) -> tuple[Step, ...]:
    """What every server knows in one step; what only newer ones know in another."""
    path, common = difference.ref.path, _sorted(privileges - {_NEWEST})
    steps: list[Step] = []
    if common:
        words = "all" if difference.new.every else ", ".join(common)
        steps.append(_grant(difference, words, common, _giving(path, common), first=True))
    if _NEWEST in privileges:
        steps.append(_grant(difference, _NEWEST, (_NEWEST,), owning(path), since(17, "MAINTAIN"), first=not common))
    return tuple(steps)


def _grant(difference: Difference[Grant], words: str, privileges: tuple[str, ...], *needs: Need, first: bool) -> Step:
    ref, role = difference.ref, quoted(difference.ref.path[2])
    sql, done = [f"grant {words} on {difference.on} to {role}"], _usable(ref.path, privileges)
    known = difference.actual is not None or difference.new.every or not first
    outside = first and (difference.actual is None or not difference.actual.privileges)
    if outside:
        sql.insert(0, _let_in(ref.path, beyond=not known))
    if not known and not standing_on(difference):
        sql.insert(0, f"revoke all on {difference.on} from {role}")
    if not known:
        beyond = [word for word in PRIVILEGES if word not in difference.new.privileges]
        done = f"({done} and {_own_none(ref.path, beyond)})"
    return Step(
        action=f"Grant {words} on {difference.on} to {role}",
        ref=ref,
        sql=tuple(sql),
        done=done,
        lock=LockLevel.ACCESS_SHARE,  # none at all before PostgreSQL 18
        locks=(difference.table,),
        provides=(present(ref),),
        requires=(present(difference.holder),),
        needs=(*_role(ref.path[2]), *needs, *((_letting_in(ref.path),) if outside else ())),
        hazards=(Hazard.RIGHTS,),
    )


def _revoking(
    difference: Difference[Grant], words: str, privileges: tuple[str, ...], *provides: Condition
) -> tuple[Step, ...]:
    ref, role = difference.ref, quoted(difference.ref.path[2])
    return (
        Step(
            action=f"Revoke {words} on {difference.on} from {role}",
            ref=ref,
            sql=(f"revoke {words} on {difference.on} from {role}",),
            done=_own_none(ref.path, privileges),
            lock=LockLevel.ACCESS_SHARE,
            locks=(difference.table,),
            provides=provides,
            needs=(
                owning(ref.path),
                _granted_by_owner(ref.path, privileges),
                _passed_on(ref.path, privileges, words),
            ),
            hazards=(Hazard.RIGHTS,),
        ),
    )


def withheld(path: ObjectPath) -> str:
    """The statement that leaves a role, if there is one, nothing of what default privileges give it on a table."""
    revoke = f"revoke all on {dotted(path[:2])} from {quoted(path[2])}"
    if path[2] == "public":
        return revoke
    return block(
        f"begin\n  if exists (select from pg_catalog.pg_roles r where r.rolname = {literal(path[2])}) then\n"
        f"    {revoke};\n  end if;\nend"
    )


def _let_in(path: ObjectPath, *, beyond: bool) -> str:
    """Give USAGE on the schema to a role that lacks it, for without it no privilege is of use.

    What the role was given `beyond` the contract was of no use so far, and seen by nobody: it goes.
    """
    who, role = "'public'" if path[2] == "public" else literal(path[2]), quoted(path[2])
    statements = [f"grant usage on schema {quoted(path[0])} to {role};"]
    if beyond:
        statements.append(f"revoke all on {dotted(path[:2])} from {role};")
    return block(
        f"begin\n  if not pg_catalog.has_schema_privilege({who}, {literal(quoted(path[0]))}, 'usage') then\n    "
        + "\n    ".join(statements)
        + "\n  end if;\nend"
    )


# What a role has


def _usable(path: ObjectPath, privileges: tuple[str, ...]) -> str:
    """Whether the role can use the privileges, however it came by them."""
    who, roles, condition = _grantee(path[2])
    asked = f"pg_catalog.has_table_privilege({who}, c.oid, p.name)"
    if _NEWEST in privileges:  # which an older server refuses to be asked about
        asked = f"case when pg_catalog.current_setting('server_version_num')::int >= 170000 then {asked} else false end"
    return (
        "exists (select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
        f"{roles} where c.oid = {relation(path)}{condition}"
        f" and pg_catalog.has_schema_privilege({who}, n.oid, 'usage')"
        f" and not exists (select from pg_catalog.unnest({array(privileges)}) p (name) where not {asked}))"
    )


def _own_none(path: ObjectPath, privileges: Iterable[str]) -> str:
    """Whether the role itself was given none of the privileges, on the table or on a column of it."""
    return f"not {_explicit(path, privileges, f'x.grantee = {_oid(path[2])}')}"


def _explicit(path: ObjectPath, privileges: Iterable[str], condition: str) -> str:
    wanted = f"pg_catalog.lower(x.privilege_type) = any ({array(privileges)}) and {condition}"
    return (
        "exists (select from pg_catalog.pg_class c"
        " cross join lateral (select c.relacl as acl union all"
        " select a.attacl from pg_catalog.pg_attribute a where a.attrelid = c.oid and not a.attisdropped) l"
        f" cross join lateral pg_catalog.aclexplode(l.acl) x where c.oid = {relation(path)} and {wanted})"
    )


def _grantee(role: str) -> tuple[str, str, str]:
    """How a query names a role to PostgreSQL's functions, from what, and under which condition."""
    if role == "public":
        return "'public'::name", "", ""
    return "r.oid", " cross join pg_catalog.pg_roles r", f" and r.rolname = {literal(role)}"


def _oid(role: str) -> str:
    return "0" if role == "public" else f"(select r.oid from pg_catalog.pg_roles r where r.rolname = {literal(role)})"


# Rights


def _role(role: str) -> tuple[Need, ...]:
    return () if role == "public" else (role_there(role),)


def _giving(path: ObjectPath, privileges: tuple[str, ...]) -> Need:
    return Need(
        "(select pg_catalog.pg_has_role(c.relowner, 'USAGE')"
        f" or not exists (select from pg_catalog.unnest({array(privileges)}) p (name)"
        " where not pg_catalog.has_table_privilege(c.oid, p.name || ' with grant option'))"
        f" from pg_catalog.pg_class c where c.oid = {relation(path)})",
        f"own {dotted(path[:2])}, or have the privileges on it with grant option",
        f"alter table {dotted(path[:2])} owner to {{role}};",
    )


def _letting_in(path: ObjectPath) -> Need:
    who, roles, condition = _grantee(path[2])
    schema, role = quoted(path[0]), quoted(path[2])
    return Need(
        f"(select pg_catalog.has_schema_privilege({who}, n.oid, 'usage') or pg_catalog.pg_has_role(n.nspowner, 'USAGE')"
        " or pg_catalog.has_schema_privilege(n.oid, 'usage with grant option')"
        f" from pg_catalog.pg_namespace n{roles} where n.nspname = {literal(path[0])}{condition})",
        f"own the schema {schema}, on which {role} has no USAGE",
        f"grant usage on schema {schema} to {role};",
    )


def _granted_by_owner(path: ObjectPath, privileges: Iterable[str]) -> Need:
    """That nobody else granted them: PostgreSQL would leave those where they are, and say nothing."""
    return Need(
        f"not {_explicit(path, privileges, f'x.grantee = {_oid(path[2])} and x.grantor <> c.relowner')}",
        f"be the role that granted {quoted(path[2])} its privileges on {dotted(path[:2])}, for that is not the owner",
        f"-- as the role that granted it: revoke all on {dotted(path[:2])} from {quoted(path[2])};",
    )


def _passed_on(path: ObjectPath, privileges: Iterable[str], words: str) -> Need:
    return Need(
        f"not {_explicit(path, privileges, f'x.grantor = {_oid(path[2])} and x.grantor <> c.relowner')}",
        f"revoke first what {quoted(path[2])} has passed on of its privileges on {dotted(path[:2])}",
        f"revoke {words} on {dotted(path[:2])} from {quoted(path[2])} cascade;",
    )


def spell(grant: Grant) -> str | list[str]:
    """The privileges that the role was given itself, else those that it has to have."""
    return "all" if grant.every else list(_sorted(grant.granted or grant.privileges))


def _sorted(privileges: Iterable[str]) -> tuple[str, ...]:
    found = frozenset(privileges)
    return tuple(word for word in PRIVILEGES if word in found)


CURE = Cure(
    create=create,
    drop=drop,
    # Whose member a role is, and what it is beyond one table, is for a person to decide; so is who may call what.
    alter={
        "privileges": add,
        "excess": revoke_excess,
        "reach": None,
        "option": keep_to_itself,
        "row_security": None,
        "closed": None,
    },
    spell=spell,
)
