"""Default privileges: exactly what is missing is granted, exactly what is in excess is revoked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.cure import Cure, Difference, absent, array, negated, present
from sessionaudit.core.ref import ObjectRef
from sessionaudit.core.step import Hazard, LockLevel, Need, Step
from sessionaudit.kinds.common.rights import role_there, since
from sessionaudit.kinds.default_privileges.model import (
    EVERYWHERE,
    NEWER,
    PRIVILEGES,
    DefaultPrivileges,
    excess,
    lacking,
    others,
    passed_on,
    spell_key,
)
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.kind import ObjectPath

    Found = dict[str, dict[str, frozenset[str]]]

# What pg_default_acl.defaclobjtype holds, and how acldefault calls it.
_CODES = {
    "tables": ("r", "r"),
    "sequences": ("S", "s"),
    "functions": ("f", "f"),
    "types": ("T", "T"),
    "schemas": ("n", "n"),
    "large objects": ("L", "L"),
}


def create(difference: Difference[DefaultPrivileges]) -> tuple[Step, ...]:
    """Grant by default what the contract does, in a schema that is created before."""
    return tuple(_granting(difference, lacking(difference.new, DefaultPrivileges())))


def grant(difference: Difference[DefaultPrivileges]) -> tuple[Step, ...]:
    """Grant by default what roles do not get."""
    return tuple(_granting(difference, lacking(difference.new, difference.old)))


def revoke(difference: Difference[DefaultPrivileges]) -> tuple[Step, ...]:
    """Revoke what roles of the contract get beyond it."""
    return tuple(_revoking(difference, excess(difference.new, difference.old)))


def close(difference: Difference[DefaultPrivileges]) -> tuple[Step, ...]:
    """Revoke what other roles get."""
    return tuple(_revoking(difference, others(difference.new, difference.old)))


def keep(difference: Difference[DefaultPrivileges]) -> tuple[Step, ...]:
    """Revoke the grant option, and keep the privileges."""
    found = passed_on(difference.new, difference.old)
    return tuple(_revoking(difference, found, "grant option for ", " and x.is_grantable"))


def drop(difference: Difference[DefaultPrivileges]) -> tuple[Step, ...]:
    """Return to what PostgreSQL gives without default privileges."""
    ref, usual = difference.ref, DefaultPrivileges(grants=_usual(difference))
    there = DefaultPrivileges(grants=tuple((sort, ()) for sort, _ in difference.old.grants))
    back = list(_granting(difference, lacking(usual, difference.old)))
    gone = list(_revoking(difference, others(there, _without(difference.old, usual))))
    own = tuple(_owners(difference))
    if not (back or gone or own):
        return ()
    return (
        Step(
            action=f"Remove the default privileges {spell_key(ref.path)}",
            ref=ref,
            sql=(*(sql for step in (*gone, *back) for sql in step.sql), *own),
            done=negated(
                "exists (select from pg_catalog.pg_default_acl d join pg_catalog.pg_roles r on r.oid = d.defaclrole"
                f" where r.rolname = {literal(ref.path[0])} and d.defaclnamespace = {_schema(ref.path)})"
            ),
            lock=LockLevel.NONE,
            provides=(absent(ref),),
            needs=(_altering(ref.path),),
            hazards=(Hazard.RIGHTS,),
        ),
    )


def _owners(difference: Difference[DefaultPrivileges]) -> Iterator[str]:
    """Let the role itself have on what it creates what PostgreSQL gives it: everything, and in no schema more."""
    path = difference.ref.path
    role, alter = quoted(path[0]), f"alter default privileges {spell_key(path)}"
    for sort in difference.old.own:
        if path[1] == EVERYWHERE:
            yield f"{alter} revoke grant option for all on {sort} from {role}"
            yield f"{alter} grant all on {sort} to {role}"
        else:
            yield f"{alter} revoke all on {sort} from {role}"


def _usual(difference: Difference[DefaultPrivileges]) -> tuple[tuple[str, tuple[tuple[str, frozenset[str]], ...]], ...]:
    """What PostgreSQL gives all roles by itself."""
    if difference.ref.path[1] != EVERYWHERE:
        return ()
    return (
        ("functions", (("public", frozenset({"execute"})),)),
        ("types", (("public", frozenset({"usage"})),)),
    )


def _without(actual: DefaultPrivileges, usual: DefaultPrivileges) -> DefaultPrivileges:
    kept = dict(usual.grants)
    return DefaultPrivileges(
        grants=tuple(
            (sort, tuple((name, words - dict(kept.get(sort, ())).get(name, frozenset())) for name, words in said))
            for sort, said in actual.grants
        )
    )


def _granting(difference: Difference[DefaultPrivileges], found: Found) -> Iterator[Step]:
    """A step for each sort and role; one more for what only newer servers have."""
    for sort, roles in found.items():
        for name, privileges in roles.items():
            common = privileges - NEWER
            if common:
                yield _grant(difference, sort, name, common)
            if newer := privileges & NEWER:
                yield _grant(difference, sort, name, newer, since(17, "MAINTAIN"))


def _grant(
    difference: Difference[DefaultPrivileges], sort: str, name: str, privileges: frozenset[str], *needs: Need
) -> Step:
    ref, words = difference.ref, _ordered(sort, privileges)
    later = (since(18, "default privileges on large objects"),) if sort == "large objects" else ()
    held = " and ".join(
        f"({_given(ref.path, sort, name, [word])} or {_given(ref.path, sort, 'public', [word])})" for word in words
    )
    return Step(
        action=f"Grant {', '.join(words)} on {sort} by default to {quoted(name)}, {spell_key(ref.path)}",
        ref=ref,
        sql=(f"alter default privileges {spell_key(ref.path)} grant {', '.join(words)} on {sort} to {quoted(name)}",),
        done=f"({held})",
        lock=LockLevel.NONE,
        follows=() if ref.path[1] == EVERYWHERE else (present(ObjectRef("schema", ref.path[1:])),),
        needs=(role_there(ref.path[0]), _altering(ref.path), *_role(name), *later, *needs),
        hazards=(Hazard.RIGHTS,),
    )


def _revoking(
    difference: Difference[DefaultPrivileges], found: Found, what: str = "", condition: str = ""
) -> Iterator[Step]:
    ref = difference.ref
    for sort, roles in found.items():
        for name, privileges in roles.items():
            words = _ordered(sort, privileges)
            listed = what + ", ".join(words)
            yield Step(
                action=f"Revoke {listed} on {sort} by default from {quoted(name)}, {spell_key(ref.path)}",
                ref=ref,
                sql=(f"alter default privileges {spell_key(ref.path)} revoke {listed} on {sort} from {quoted(name)}",),
                done=negated(_given(ref.path, sort, name, words, condition)),
                lock=LockLevel.NONE,
                needs=(_altering(ref.path),),
                hazards=(Hazard.RIGHTS,),
            )


def _ordered(sort: str, privileges: frozenset[str]) -> list[str]:
    return [word for word in PRIVILEGES[sort] if word in privileges]


# SQL


def _given(path: ObjectPath, sort: str, name: str, privileges: list[str], condition: str = "") -> str:
    """Whether a role gets one of the privileges by its name."""
    code, usual = _CODES[sort]
    own = f"pg_catalog.acldefault('{usual}', r.oid)" if path[1] == EVERYWHERE else "null::aclitem[]"
    who = "0" if name == "public" else f"(select o.oid from pg_catalog.pg_roles o where o.rolname = {literal(name)})"
    return (
        "exists (select from pg_catalog.pg_roles r left join pg_catalog.pg_default_acl d on d.defaclrole = r.oid"
        f" and d.defaclobjtype = '{code}' and d.defaclnamespace = {_schema(path)}"
        f" cross join lateral pg_catalog.aclexplode(coalesce(d.defaclacl, {own})) x"
        f" where r.rolname = {literal(path[0])} and x.grantee = {who}"
        f" and pg_catalog.lower(x.privilege_type) = any ({array(privileges)}){condition})"
    )


def _schema(path: ObjectPath) -> str:
    if path[1] == EVERYWHERE:
        return "0"
    return f"(select n.oid from pg_catalog.pg_namespace n where n.nspname = {literal(path[1])})"


def _altering(path: ObjectPath) -> Need:
    member = "case when pg_catalog.current_setting('server_version_num')::int >= 160000 then 'USAGE' else 'MEMBER' end"
    return Need(
        f"(select pg_catalog.pg_has_role(r.oid, {member}) from pg_catalog.pg_roles r"
        f" where r.rolname = {literal(path[0])})",
        f"be a member of {quoted(path[0])} to alter its default privileges",
        f"grant {quoted(path[0])} to {{role}};",
    )


def _role(name: str) -> tuple[Need, ...]:
    return () if name == "public" else (role_there(name),)


CURE = Cure(
    create=create,
    drop=drop,
    alter={"role": None, "privileges": grant, "excess": revoke, "others": close, "option": keep},
)
