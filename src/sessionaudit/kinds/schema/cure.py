"""Schemas: created before what is in them, dropped when nothing is; privileges granted and revoked one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.cure import Cure, Difference, absent, array, block, negated, present
from sessionaudit.core.step import Hazard, LockLevel, Need, Step
from sessionaudit.kinds.common.address import at
from sessionaudit.kinds.common.owner_and_grants import excess, lacking, passed_on
from sessionaudit.kinds.common.ownership import giving_to
from sessionaudit.kinds.common.rights import owning_of, role_there
from sessionaudit.kinds.schema.model import PRIVILEGES, Namespace
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.ref import ObjectRef


def create(difference: Difference[Namespace]) -> tuple[Step, ...]:
    """Create it, owned by the expected role or by the one that runs the statement, and grant what is expected."""
    ref, owner = difference.ref, difference.new.owner
    authorization = "" if owner is None else f" authorization {quoted(owner)}"
    made = Step(
        action=f"Create the schema {ref.name}",
        ref=ref,
        sql=(f"create schema {ref.name}{authorization}",),
        done=_is(ref.path),
        lock=LockLevel.NONE,
        provides=(present(ref),),
        needs=(
            Need(
                "pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')",
                f"have CREATE on the database to create the schema {ref.name}",
                "Grant {role} CREATE on the database.",
            ),
            *giving_to(ref.path, owner),
        ),
        wishes=(_by_owner_of_database(ref),) if owner is None else (),
    )
    return (made, *_granting(difference, dict(difference.new.grants or ()), first=True))


def _by_owner_of_database(ref: ObjectRef) -> Need:
    """That whoever creates a schema of which nobody says whose it is owns the database: it belongs to its creator."""
    return Need(
        "(select pg_catalog.pg_get_userbyid(d.datdba) = current_user from pg_catalog.pg_database d"
        " where d.datname = pg_catalog.current_database())",
        "the contract states none",
        f"The database belongs to another role: if {ref.name} is to as well, state `owner`, or connect as that role "
        "(-d).",
        whole=True,
    )


def drop(difference: Difference[Namespace]) -> tuple[Step, ...]:
    """Drop it; PostgreSQL refuses while anything is in it."""
    ref = difference.ref
    return (
        Step(
            action=f"Drop the schema {ref.name}",
            ref=ref,
            sql=(f"drop schema {ref.name}",),
            done=negated(_is(ref.path)),
            lock=LockLevel.NONE,
            provides=(absent(ref),),
            needs=(_owning(ref.path),),
            hazards=(Hazard.DROP,),
        ),
    )


def give(difference: Difference[Namespace]) -> tuple[Step, ...]:
    """Change its owner; what is in it keeps its own."""
    ref, owner = difference.ref, difference.new.owner
    if owner is None:
        return ()
    return (
        Step(
            action=f"Change the owner of the schema {ref.name} to {quoted(owner)}",
            ref=ref,
            sql=(f"alter schema {ref.name} owner to {quoted(owner)}",),
            done=_is(ref.path, f"pg_catalog.pg_get_userbyid(n.nspowner) = {literal(owner)}"),
            lock=LockLevel.NONE,
            needs=(
                _owning(ref.path),
                *giving_to(ref.path, owner),
                Need(
                    "pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')",
                    f"have CREATE on the database to give the schema {ref.name} to another role",
                    "Grant {role} CREATE on the database.",
                ),
            ),
            hazards=(Hazard.RIGHTS,),
        ),
    )


# Privileges


def grant(difference: Difference[Namespace]) -> tuple[Step, ...]:
    """Grant each role what it lacks."""
    return tuple(_granting(difference, lacking(difference.new, difference.old)))


def revoke(difference: Difference[Namespace]) -> tuple[Step, ...]:
    """Revoke what roles of the contract were granted beyond it."""
    return tuple(_revoking(difference, excess(difference.new, difference.old)))


def close(difference: Difference[Namespace]) -> tuple[Step, ...]:
    """Revoke CREATE from PUBLIC."""
    return tuple(_revoking(difference, {"public": frozenset({"create"})}))


def keep(difference: Difference[Namespace]) -> tuple[Step, ...]:
    """Revoke the grant option, and keep the privileges."""
    return tuple(
        _revoking(
            difference, dict(passed_on(difference.new, difference.old)), "grant option for ", " and x.is_grantable"
        )
    )


def _granting(
    difference: Difference[Namespace], given: dict[str, frozenset[str]], *, first: bool = False
) -> Iterator[Step]:
    """A step for each role; of a new schema default privileges may have given it more, which is revoked.

    From its owner nothing is: what that may do is no grant.
    """
    ref, owner = difference.ref, difference.new.owner
    for name, privileges in given.items():
        if first and name == owner:
            continue
        wanted = _ordered(privileges)
        beyond = _ordered(frozenset(PRIVILEGES) - privileges) if first else []
        sql = [_revoked(ref, name, beyond, certain=owner is not None)] if beyond else []
        sql += [f"grant {', '.join(wanted)} on schema {ref.name} to {quoted(name)}"] if wanted else []
        done = [_given(ref.path, name, [word]) for word in wanted]
        done += [negated(_listed(ref.path, beyond, f"{_to(name)} and x.grantee <> n.nspowner"))] if beyond else []
        yield Step(
            action=f"Grant {', '.join(wanted) or 'nothing'} on the schema {ref.name} to {quoted(name)}",
            ref=ref,
            sql=tuple(sql),
            done=f"({' and '.join(done)})",
            lock=LockLevel.NONE,
            requires=(present(ref),),
            needs=(_granting_there(ref.path, wanted), *_role(name)),
            hazards=(Hazard.RIGHTS,),
        )


def _revoked(ref: ObjectRef, name: str, privileges: list[str], *, certain: bool) -> str:
    """Revoke privileges on a new schema, but not from its owner, who is known only then unless that is `certain`."""
    revoke = f"revoke {', '.join(privileges)} on schema {ref.name} from {quoted(name)}"
    if certain or name == "public":
        return revoke
    return block(f"begin\n  if not {_is(ref.path, f'n.nspowner = {_oid(name)}')} then\n    {revoke};\n  end if;\nend")


def _revoking(
    difference: Difference[Namespace], found: dict[str, frozenset[str]], what: str = "", condition: str = ""
) -> Iterator[Step]:
    ref = difference.ref
    for name, privileges in found.items():
        words = _ordered(privileges)
        yield Step(
            action=f"Revoke {what}{', '.join(words)} on the schema {ref.name} from {quoted(name)}",
            ref=ref,
            sql=(f"revoke {what}{', '.join(words)} on schema {ref.name} from {quoted(name)}",),
            done=negated(_given(ref.path, name, words, condition)),
            lock=LockLevel.NONE,
            needs=(
                _owning(ref.path),
                Need(
                    negated(_given(ref.path, name, words, f"{condition} and x.grantor <> n.nspowner")),
                    f"be the role that granted {quoted(name)} its privileges on {ref.name}, which is not the owner",
                    f"-- as the role that granted it: revoke all on schema {ref.name} from {quoted(name)};",
                ),
                Need(
                    negated(_passed_on(ref.path, name, words)),
                    f"the role {quoted(name)} has granted its privileges on {ref.name} to others; revoke those first",
                    f"revoke {what}{', '.join(words)} on schema {ref.name} from {quoted(name)} cascade;",
                    whole=True,
                ),
            ),
            hazards=(Hazard.RIGHTS,),
        )


def _ordered(privileges: frozenset[str]) -> list[str]:
    return [word for word in PRIVILEGES if word in privileges]


# SQL


def _is(path: ObjectPath, condition: str = "true") -> str:
    return f"exists (select from pg_catalog.pg_namespace n where n.nspname = {literal(path[0])} and {condition})"


def _given(path: ObjectPath, name: str, privileges: Iterable[str], condition: str = "") -> str:
    return _listed(path, privileges, f"{_to(name)}{condition}")


def _passed_on(path: ObjectPath, name: str, privileges: Iterable[str]) -> str:
    return _listed(path, privileges, f"x.grantor = {_oid(name)} and x.grantor <> n.nspowner")


def _listed(path: ObjectPath, privileges: Iterable[str], condition: str) -> str:
    return (
        "exists (select from pg_catalog.pg_namespace n cross join lateral"
        " pg_catalog.aclexplode(coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))) x"
        f" where n.nspname = {literal(path[0])} and pg_catalog.lower(x.privilege_type) = any ({array(privileges)})"
        f" and {condition})"
    )


def _to(name: str) -> str:
    return f"x.grantee = {_oid(name)}"


def _oid(name: str) -> str:
    return "0" if name == "public" else f"(select r.oid from pg_catalog.pg_roles r where r.rolname = {literal(name)})"


def _owning(path: ObjectPath) -> Need:
    return owning_of(
        "n.nspowner",
        f"from pg_catalog.pg_namespace n where n.nspname = {literal(path[0])}",
        f"the schema {quoted(path[0])}",
    )


def _granting_there(path: ObjectPath, privileges: Iterable[str]) -> Need:
    return owning_of(
        "n.nspowner",
        f"from pg_catalog.pg_namespace n where n.nspname = {literal(path[0])}",
        f"the schema {quoted(path[0])}",
        otherwise=f" or not exists (select from pg_catalog.unnest({array(privileges)}) p (name)"
        " where not pg_catalog.has_schema_privilege(n.oid, p.name || ' with grant option'))",
        instead=", or have the privileges on it with grant option",
    )


def _role(name: str) -> tuple[Need, ...]:
    return () if name == "public" else (role_there(name),)


def _address(path: ObjectPath) -> str:
    return at("pg_namespace", "n.oid", f"pg_catalog.pg_namespace n where n.nspname = {literal(path[0])}")


CURE = Cure(
    create=create,
    drop=drop,
    alter={"owner": give, "grants": grant, "excess": revoke, "option": keep, "public": close, "unnamed": None},
    address=_address,
)
