"""Grants: exactly what is missing is granted, exactly what is in excess is revoked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.cure import Cure, Difference, absent, array, block, guarding, present
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.step import Condition, Hazard, LockLevel, Need, Step
from sessionaudit.kinds.common import guard
from sessionaudit.kinds.common.catalog_conditions import relation
from sessionaudit.kinds.common.holder import holder, standing_on
from sessionaudit.kinds.common.rights import owning, owning_of, role_there, since
from sessionaudit.kinds.grant import column_privileges, cure_usage, opened_by_usage
from sessionaudit.kinds.grant.model import PRIVILEGES, Grant, in_order, lacking, lacking_columns
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.kinds.grant.column_privileges import Cell

_NEWEST = "maintain"  # since PostgreSQL 17


def create(difference: Difference[Grant]) -> tuple[Step, ...]:
    """Grant exactly what the contract gives: a new table may have more from default privileges."""
    return _granting(difference, difference.new.privileges, difference.new.columns)


def add(difference: Difference[Grant]) -> tuple[Step, ...]:
    """Grant what is missing."""
    new, old = difference.new, difference.old
    return _granting(difference, lacking(new, old), lacking_columns(new, old))


def revoke_excess(difference: Difference[Grant]) -> tuple[Step, ...]:
    """Revoke what the role was given itself beyond the contract, on the table as on single columns."""
    new, old = difference.new, difference.old
    beyond = column_privileges.beyond(old.own_columns, new.privileges, new.columns)
    kept = frozenset(privilege for privilege, _ in new.columns)
    whole = (old.granted - new.privileges) | ({privilege for privilege, _ in beyond} - kept)
    single = column_privileges.beyond(beyond, whole)
    if not (whole or single):
        return ()
    words = ", ".join((*in_order(whole), *column_privileges.spelled(single)))
    # Who loses a privilege on a table loses it on the table's columns, too.
    again = frozenset(cell for cell in new.columns if cell[0] in whole)
    return _revoking(difference, words, in_order(whole | {privilege for privilege, _ in single}), again=again)


def keep_to_itself(difference: Difference[Grant]) -> tuple[Step, ...]:
    """Revoke the grant option, and keep the privileges."""
    ref, role = difference.ref, quoted(difference.ref.path[2])
    privileges = in_order(difference.old.grantable)
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
    if not (difference.old.granted or difference.old.own_columns):
        return ()
    return _revoking(difference, "all", PRIVILEGES, absent(difference.ref))


def _granting(difference: Difference[Grant], privileges: frozenset[str], columns: frozenset[Cell]) -> tuple[Step, ...]:
    """One step for the privileges of every server version, another for those of newer ones only."""
    path, common = difference.ref.path, in_order(privileges - {_NEWEST})
    steps: list[Step] = []
    if common or columns:
        words = "all" if difference.new.every else ", ".join((*common, *column_privileges.spelled(columns)))
        giving = _giving(path, in_order({*common, *(privilege for privilege, _ in columns)}))
        steps.append(_grant(difference, words, common, giving, first=True, columns=columns))
    if _NEWEST in privileges:
        first = not steps
        steps.append(_grant(difference, _NEWEST, (_NEWEST,), owning(path), since(17, "MAINTAIN"), first=first))
    return tuple(steps)


def _grant(
    difference: Difference[Grant],
    words: str,
    privileges: tuple[str, ...],
    *needs: Need,
    first: bool,
    columns: frozenset[Cell] = frozenset(),
) -> Step:
    ref, role, there = difference.ref, quoted(difference.ref.path[2]), difference.actual
    shut = difference.new.shut
    sql, done = (
        [f"grant {words} on {difference.on} to {role}"],
        (_own if shut else _usable)(ref.path, privileges, columns),
    )
    known = there is not None or difference.new.every or not first
    outside = first and not shut and (there is None or not (there.privileges or there.columns))
    opened = opened_by_usage.of_schema(difference) if outside else None
    if outside:
        sql.insert(0, _let_in(ref.path, beyond=not known))
    if not known and not standing_on(difference):
        sql.insert(0, f"revoke all on {difference.on} from {role}")
    if not known:
        beyond = [word for word in PRIVILEGES if word not in difference.new.privileges]
        done = f"({done} and {_own_none(ref.path, beyond, difference.new.columns)})"
    return Step(
        action=f"Grant {words} on {difference.on} to {role}",
        ref=ref,
        sql=tuple(sql),
        done=done,
        lock=LockLevel.ACCESS_SHARE,  # none at all before PostgreSQL 18
        locks=(difference.table,),
        provides=(present(ref),),
        requires=(present(holder(difference)), *_there(ref.path, columns)),
        guards=(*guard.of_rows(difference), *(opened.guards if opened else ())),
        risk=opened.risk if opened else None,
        needs=(*_role(ref.path[2]), *needs, *((_letting_in(ref.path),) if outside else ())),
        hazards=(Hazard.RIGHTS,),
    )


def _revoking(
    difference: Difference[Grant],
    words: str,
    privileges: tuple[str, ...],
    *provides: Condition,
    again: frozenset[Cell] = frozenset(),
) -> tuple[Step, ...]:
    ref, role = difference.ref, quoted(difference.ref.path[2])
    kept: frozenset[Cell] = difference.expected.columns if difference.expected else frozenset()
    back = tuple(f"grant {words} on {difference.on} to {role}" for words in column_privileges.spelled(again))
    return (
        Step(
            action=f"Revoke {words} on {difference.on} from {role}",
            ref=ref,
            sql=(f"revoke {words} on {difference.on} from {role}", *back),
            done=_own_none(ref.path, privileges, kept),
            lock=LockLevel.ACCESS_SHARE,
            locks=(difference.table,),
            provides=(*provides, guarding(ref)),
            requires=_there(ref.path, again),
            needs=(
                owning(ref.path),
                _granted_by_owner(ref.path, privileges),
                _passed_on(ref.path, privileges, words),
            ),
            hazards=(Hazard.RIGHTS,),
        ),
    )


def _there(path: ObjectPath, columns: Iterable[Cell]) -> tuple[Condition, ...]:
    """The columns that the statement names: PostgreSQL refuses the whole of it where it does not know one."""
    names = sorted({name for _, name in columns})
    return tuple(present(ObjectRef("column", (*path[:2], name))) for name in names)


def withheld(difference: Difference[Any]) -> list[str]:
    """The statements that leave to roles nothing of what default privileges give them on a new table.

    These are all roles where the contract lists the grants on it, else those that it gives nothing.
    """
    if "grants" in difference.listed and "unnamed" not in difference.listed:
        return [_withheld_from_all(difference.on)]
    grants = difference.declared("grant", difference.ref.path).items()
    return [_withheld(path) for path, grant in grants if grant is None]


def _withheld_from_all(table: str) -> str:
    who = (
        "case one.grantee when 0 then 'public' else pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(one.grantee)) end"
    )
    return block(
        "declare\n  one record;\nbegin\n"
        "  for one in select distinct x.grantee from pg_catalog.pg_class c"
        " cross join lateral pg_catalog.aclexplode(c.relacl) x"
        f" where c.oid = {literal(table)}::pg_catalog.regclass and x.grantee <> c.relowner loop\n"
        f"    execute pg_catalog.format('revoke all on %s from %s', {literal(table)}, {who});\n"
        "  end loop;\nend"
    )


def _withheld(path: ObjectPath) -> str:
    revoke = f"revoke all on {dotted(path[:2])} from {quoted(path[2])}"
    if path[2] == "public":
        return revoke
    return block(
        f"begin\n  if exists (select from pg_catalog.pg_roles r where r.rolname = {literal(path[2])}) then\n"
        f"    {revoke};\n  end if;\nend"
    )


def _let_in(path: ObjectPath, *, beyond: bool) -> str:
    """Grant USAGE on the schema to a role that lacks it: without it no privilege has an effect.

    What the role was granted `beyond` the contract had no effect so far, and is revoked.
    """
    who, role = "'public'" if path[2] == "public" else literal(path[2]), quoted(path[2])
    statements = [f"grant usage on schema {quoted(path[0])} to {role};"]
    if beyond:
        statements.append(f"revoke all on {dotted(path[:2])} from {role};")
    return block(
        f"begin\n  if not pg_catalog.has_schema_privilege({who}, {literal(path[0])}, 'usage') then\n    "
        + "\n    ".join(statements)
        + "\n  end if;\nend"
    )


# What a role has


def _usable(path: ObjectPath, privileges: tuple[str, ...], columns: frozenset[Cell]) -> str:
    """Whether the role can use the privileges, however it came by them, on the table and on single columns."""
    who, roles, condition = _grantee(path[2])
    asked = f"pg_catalog.has_table_privilege({who}, c.oid, p.name)"
    if _NEWEST in privileges:  # older servers reject the name of this privilege
        asked = f"case when pg_catalog.current_setting('server_version_num')::int >= 170000 then {asked} else false end"
    return (
        "exists (select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
        f"{roles} where c.oid = {relation(path)}{condition}"
        f" and pg_catalog.has_schema_privilege({who}, n.oid, 'usage')"
        f" and not exists (select from pg_catalog.unnest({array(privileges)}) p (name) where not {asked})"
        f"{''.join(f' and {_usable_on(who, *cell)}' for cell in sorted(columns))})"
    )


def _usable_on(who: str, privilege: str, column: str) -> str:
    return (
        "exists (select from pg_catalog.pg_attribute a where a.attrelid = c.oid and not a.attisdropped"
        f" and a.attname = {literal(column)}"
        f" and pg_catalog.has_column_privilege({who}, c.oid, a.attnum, '{privilege}'))"
    )


def _own(path: ObjectPath, privileges: tuple[str, ...], columns: frozenset[Cell]) -> str:
    """Whether the role itself was given the privileges, of use or not."""
    to = f"x.grantee = {_oid(path[2])} and l.name"
    own = [_explicit(path, (word,), f"{to} is null") for word in privileges]
    own += [_explicit(path, (word,), f"{to} = {literal(column)}") for word, column in sorted(columns)]
    return f"({' and '.join(own)})"


def _own_none(path: ObjectPath, privileges: Iterable[str], kept: frozenset[Cell] = frozenset()) -> str:
    """Whether the role itself was given none of the privileges, on the table or on a column of it but those kept."""
    condition = f"x.grantee = {_oid(path[2])}"
    if kept:
        names = array(f"{privilege} {column}" for privilege, column in sorted(kept))
        condition += f" and coalesce(pg_catalog.lower(x.privilege_type) || ' ' || l.name <> all ({names}), true)"
    return f"not {_explicit(path, privileges, condition)}"


def _explicit(path: ObjectPath, privileges: Iterable[str], condition: str) -> str:
    wanted = f"pg_catalog.lower(x.privilege_type) = any ({array(privileges)}) and {condition}"
    return (
        "exists (select from pg_catalog.pg_class c"
        " cross join lateral (select c.relacl as acl, null::pg_catalog.name as name union all"
        " select a.attacl, a.attname from pg_catalog.pg_attribute a where a.attrelid = c.oid and not a.attisdropped) l"
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
    return owning_of(
        "c.relowner",
        f"from pg_catalog.pg_class c where c.oid = {relation(path)}",
        dotted(path[:2]),
        otherwise=f" or not exists (select from pg_catalog.unnest({array(privileges)}) p (name)"
        " where not pg_catalog.has_table_privilege(c.oid, p.name || ' with grant option'))",
        instead=", or have the privileges on it with grant option",
    )


def _letting_in(path: ObjectPath) -> Need:
    who, roles, condition = _grantee(path[2])
    schema, role = quoted(path[0]), quoted(path[2])
    return Need(
        f"(select pg_catalog.has_schema_privilege({who}, n.oid, 'usage') or pg_catalog.pg_has_role(n.nspowner, 'USAGE')"
        " or pg_catalog.has_schema_privilege(n.oid, 'usage with grant option')"
        f" from pg_catalog.pg_namespace n{roles} where n.nspname = {literal(path[0])}{condition})",
        f"own the schema {schema}, to grant USAGE on it to {role}",
        f"grant usage on schema {schema} to {role};",
    )


def _granted_by_owner(path: ObjectPath, privileges: Iterable[str]) -> Need:
    """That only the owner granted them: PostgreSQL would keep those that others granted, without an error."""
    return Need(
        f"not {_explicit(path, privileges, f'x.grantee = {_oid(path[2])} and x.grantor <> c.relowner')}",
        f"be the role that granted {quoted(path[2])} its privileges on {dotted(path[:2])}, which is not the owner",
        f"-- as the role that granted it: revoke all on {dotted(path[:2])} from {quoted(path[2])};",
    )


def _passed_on(path: ObjectPath, privileges: Iterable[str], words: str) -> Need:
    return Need(
        f"not {_explicit(path, privileges, f'x.grantor = {_oid(path[2])} and x.grantor <> c.relowner')}",
        f"the role {quoted(path[2])} has granted its privileges on {dotted(path[:2])} to others; revoke those first",
        f"revoke {words} on {dotted(path[:2])} from {quoted(path[2])} cascade;",
        whole=True,
    )


CURE = Cure(
    create=create,
    drop=drop,
    # Memberships, attributes of roles and privileges beyond one table are for a person to decide.
    alter={
        "privileges": add,
        "excess": revoke_excess,
        "usage": cure_usage.revoke,
        "reach": None,
        "option": keep_to_itself,
        "row_security": None,
        "closed": None,
        "bypass": None,
    },
)
