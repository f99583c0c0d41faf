"""Memberships: granted, and revoked from whoever granted them; options changed in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.cure import Cure, Difference, absent, array, block, negated, present
from sessionaudit.core.ref import ObjectRef
from sessionaudit.core.step import Hazard, LockLevel, Need, Step
from sessionaudit.kinds.common.ownership import SUPERUSER
from sessionaudit.kinds.common.rights import role_there
from sessionaudit.kinds.membership.model import OPTIONS, Membership
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from sessionaudit.core.kind import ObjectPath

_NEW = "pg_catalog.current_setting('server_version_num')::int >= 160000"  # which has options other than ADMIN


def create(difference: Difference[Membership]) -> tuple[Step, ...]:
    """Grant the role, with the options that the contract states and the server has."""
    ref, new = difference.ref, difference.new
    member, role = map(quoted, ref.path)
    plain = f"grant {role} to {member}{' with admin option' if new.admin else ''}"
    stated = [f"{option} {str(getattr(new, option)).lower()}" for option in OPTIONS if getattr(new, option) is not None]
    newer = f"grant {role} to {member} with {', '.join(stated)}" if stated else plain
    if newer == plain or {*stated} <= {"admin true"}:
        sql = plain
    else:  # which older servers do not even parse
        sql = block(f"begin\n  if {_NEW} then\n    execute {literal(newer)};\n  else\n    {plain};\n  end if;\nend")
    return (
        Step(
            action=f"Make {member} a member of {role}",
            ref=ref,
            sql=(sql,),
            done=_is(ref.path),
            lock=LockLevel.NONE,
            provides=(present(ref),),
            needs=(*map(role_there, ref.path), _granting(ref.path)),
            hazards=(Hazard.RIGHTS,),
        ),
    )


def drop(difference: Difference[Membership]) -> tuple[Step, ...]:
    """Revoke the role, whoever granted it."""
    ref, passed = difference.ref, _to_be_revoked(difference)
    member, role = map(quoted, ref.path)
    return (
        Step(
            action=f"Revoke the membership of {member} in {role}",
            ref=ref,
            sql=(_for_each(ref.path, f"revoke {role} from {member}"),),
            done=negated(_is(ref.path)),
            lock=LockLevel.NONE,
            provides=(absent(ref),),
            requires=tuple(map(absent, passed)),
            needs=(_granting(ref.path), _passed_on(ref.path, passed)),
            hazards=(Hazard.RIGHTS,),
        ),
    )


def administer(difference: Difference[Membership]) -> tuple[Step, ...]:
    """Give or take the right to grant the role to others."""
    ref, wanted = difference.ref, bool(difference.new.admin)
    words = ("Grant", "to") if wanted else ("Revoke", "from")
    member, role = map(quoted, ref.path)
    passed = () if wanted else _to_be_revoked(difference)
    take = _for_each(ref.path, f"revoke admin option for {role} from {member}", " and x.admin_option")
    return (
        Step(
            action=f"{words[0]} the admin option for {role} {words[1]} {member}",
            ref=ref,
            sql=(f"grant {role} to {member} with admin option" if wanted else take,),
            done=_is(ref.path, " and x.admin_option") if wanted else negated(_is(ref.path, " and x.admin_option")),
            lock=LockLevel.NONE,
            requires=tuple(map(absent, passed)),
            needs=(_granting(ref.path), *(() if wanted else (_passed_on(ref.path, passed),))),
            hazards=(Hazard.RIGHTS,),
        ),
    )


def inherit(difference: Difference[Membership]) -> tuple[Step, ...]:
    """Let the member inherit from the role, or not."""
    return _optional(difference, "inherit", wanted=bool(difference.new.inherit))


def take_on(difference: Difference[Membership]) -> tuple[Step, ...]:
    """Let the member take the role on, or not."""
    return _optional(difference, "set", wanted=bool(difference.new.set))


def _to_be_revoked(difference: Difference[Membership]) -> tuple[ObjectRef, ...]:
    """The memberships that this member granted, and that the contract declares absent: they are revoked before."""
    kind, (member, role) = difference.ref.kind, difference.ref.path
    wanted, present = difference.wanted[kind], difference.present[kind]
    return tuple(
        ObjectRef(kind, path)
        for path, expected in wanted.items()
        if expected is None and path[1] == role and path in present and member in present[path].grantors
    )


def _optional(difference: Difference[Membership], option: str, *, wanted: bool) -> tuple[Step, ...]:
    ref, word = difference.ref, str(wanted).lower()
    member, role = map(quoted, ref.path)
    held = f" and (pg_catalog.to_jsonb(x) ->> '{option}_option')::boolean"
    give = f"grant {role} to {member} with {option} true"
    return (
        Step(
            action=f"Set the option {option} of the membership of {member} in {role} to {word}",
            ref=ref,
            sql=(give if wanted else _for_each(ref.path, f"grant {role} to {member} with {option} false", held),),
            done=_is(ref.path, held) if wanted else negated(_is(ref.path, held)),
            lock=LockLevel.NONE,
            needs=(_granting(ref.path),),
            hazards=(Hazard.RIGHTS,),
        ),
    )


# SQL


def _is(path: ObjectPath, condition: str = "") -> str:
    return f"exists (select from {_rows(path)}{condition})"


def _rows(path: ObjectPath) -> str:
    member, role = map(literal, path)
    return (
        "pg_catalog.pg_auth_members x join pg_catalog.pg_roles m on m.oid = x.member"
        " join pg_catalog.pg_roles r on r.oid = x.roleid"
        f" where m.rolname = {member} and r.rolname = {role}"
    )


def _for_each(path: ObjectPath, statement: str, condition: str = "") -> str:
    """Run a statement for each grant of the role: since PostgreSQL 16 each grantor has one of its own."""
    return block(
        "declare\n  one record;\nbegin\n"
        f"  for one in select pg_catalog.pg_get_userbyid(x.grantor) as name from {_rows(path)}{condition} loop\n"
        f"    execute {literal(statement)} || case when {_NEW}"
        " then ' granted by ' || pg_catalog.quote_ident(one.name) else '' end;\n"
        "  end loop;\nend"
    )


def _granting(path: ObjectPath) -> Need:
    member, role = map(quoted, path)
    roles = "pg_catalog.pg_roles r cross join pg_catalog.pg_roles u"
    return Need(
        f"(select {SUPERUSER} or pg_catalog.pg_has_role(r.oid, 'MEMBER WITH ADMIN OPTION')"
        f" or not {_NEW} and u.rolcreaterole and not r.rolsuper from {roles}"
        f" where r.rolname = {literal(path[1])} and u.rolname = current_user)",
        f"have the admin option for {role}",
        f"-- as a superuser, or a role with the admin option: grant {role} to {member};",
    )


def _passed_on(path: ObjectPath, revoked: tuple[ObjectRef, ...]) -> Need:
    """Return the need that nobody is a member by the admin option that is taken, but by those `revoked` before."""
    member, role = map(quoted, path)
    others = array(ref.path[0] for ref in revoked)
    return Need(
        f"not ({_NEW} and {_is(path, ' and x.admin_option')} and exists (select from pg_catalog.pg_auth_members y"
        " join pg_catalog.pg_roles g on g.oid = y.grantor join pg_catalog.pg_roles r on r.oid = y.roleid"
        " join pg_catalog.pg_roles o on o.oid = y.member"
        f" where g.rolname = {literal(path[0])} and r.rolname = {literal(path[1])} and o.rolname <> all ({others})))",
        f"the role {member} has granted {role} to others; revoke that first",
        f"-- for each of these: revoke {role} from that role granted by {member};",
        whole=True,
    )


CURE = Cure(
    create=create,
    drop=drop,
    alter={"role": None, "admin": administer, "inherit": inherit, "set": take_on},
)
