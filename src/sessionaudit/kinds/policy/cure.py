"""Policies: one statement sets all facets, so that no intermediate state gives access that neither side intends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from sessionaudit.core.cure import Cure, Difference, absent, array, guarding, negated, present
from sessionaudit.core.step import Hazard, Need, Step
from sessionaudit.kinds.common.address import of_policy
from sessionaudit.kinds.common.carried_over import exchanged
from sessionaudit.kinds.common.catalog_conditions import relation
from sessionaudit.kinds.common.guard import restrictive
from sessionaudit.kinds.common.holder import holder, standing_on
from sessionaudit.kinds.common.rights import owning, role_there
from sessionaudit.kinds.policy.model import Policy, clauses
from sessionaudit.sql.text import canonical, enclosed, literal, quoted

if TYPE_CHECKING:
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.ref import ObjectRef

_COMMANDS = {"all": "*", "select": "r", "insert": "a", "update": "w", "delete": "d"}
_ROLES = (
    "select r.name from (select case when o.oid = 0 then 'public' else pg_catalog.pg_get_userbyid(o.oid)::text end"
    ' as name from pg_catalog.unnest(p.polroles) o (oid)) r order by r.name collate pg_catalog."C"'
)
_USING = "pg_catalog.pg_get_expr(p.polqual, p.polrelid)"
_CHECK = "pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)"


def create(difference: Difference[Policy]) -> tuple[Step, ...]:
    """Create it; views have no policies."""
    ref = difference.ref
    if standing_on(difference) not in {"", "table", "partitioned table"}:
        return ()
    return (
        _step(difference, f"Create the policy {ref.name} on {difference.on}", (creation(difference),), _is(ref.path)),
    )


def alter(difference: Difference[Policy]) -> tuple[Step, ...]:
    """Set roles and expressions; where ALTER POLICY does not suffice, recreate the policy in the same transaction."""
    ref, new, old = difference.ref, difference.new, difference.old
    action = f"Alter the policy {ref.name} on {difference.on}"
    lost = (new.using is None and old.using is not None) or (new.check is None and old.check is not None)
    if lost or (new.command, new.permissive) != (old.command, old.permissive):
        sql: tuple[str, ...] = (f"drop policy {ref.name} on {difference.on}", creation(difference))
    else:
        parts = [f"to {', '.join(map(quoted, new.roles))}"]
        parts += [] if new.using is None else [f"using {enclosed(new.using)}"]
        parts += [] if new.check is None else [f"with check {enclosed(new.check)}"]
        sql = (f"alter policy {ref.name} on {difference.on} {' '.join(parts)}",)
    step = _step(difference, action, sql, _as_expected(difference))
    step = replace(step, around=exchanged(ref, of_policy(ref.path), sql)) if len(sql) > 1 else step
    return (replace(step, hazards=(*step.hazards, Hazard.LOOSEN)) if _opens(new, old) else step,)


def _opens(new: Policy, old: Policy) -> bool:
    """Whether the policy certainly allows more than the old one, because the contract omits a condition."""
    reads = new.command != "insert" and new.using is None and old.using is not None
    writes = new.command in {"all", "insert", "update"} and new.check is None and not _stands_in(new.using, old.check)
    unlimited = reads or writes
    if not new.permissive:
        return not old.permissive and unlimited
    return (
        not old.permissive
        or unlimited
        or ("public" in new.roles and "public" not in old.roles)
        or (new.command == "all" and old.command != "all")
    )


def _stands_in(using: str | None, check: str | None) -> bool:
    """Whether USING, which serves as the check that the contract omits, equals the existing check."""
    return check is None or (using is not None and canonical(enclosed(using)) == canonical(enclosed(check)))


def drop(difference: Difference[Policy]) -> tuple[Step, ...]:
    """Drop it."""
    ref = difference.ref
    return (
        Step(
            action=f"Drop the policy {ref.name} on {difference.on}",
            ref=ref,
            sql=(f"drop policy {ref.name} on {difference.on}",),
            done=negated(_is(ref.path)),
            locks=(difference.table,),
            provides=(absent(ref),),
            needs=(owning(ref.path),),
            hazards=(Hazard.RIGHTS,),
        ),
    )


def rename(difference: Difference[Policy], found: ObjectRef) -> tuple[Step, ...]:
    """Rename it as in the contract."""
    ref = difference.ref
    return (
        Step(
            action=f"Rename the policy {found.name} on {difference.on} to {ref.name}",
            ref=ref,
            sql=(f"alter policy {found.name} on {difference.on} rename to {ref.name}",),
            done=_is(ref.path),
            locks=(difference.table,),
            provides=(present(ref), guarding(ref)),
            needs=(owning(ref.path),),
        ),
    )


def _step(difference: Difference[Policy], action: str, sql: tuple[str, ...], done: str) -> Step:
    new = difference.new
    return Step(
        action=action,
        ref=difference.ref,
        sql=sql,
        done=done,
        locks=(difference.table,),
        provides=(present(difference.ref), *(() if new.permissive else (guarding(difference.ref),))),
        requires=(present(holder(difference)),),
        guards=restrictive(difference) if new.permissive else (),
        reads=tuple(text for text in (new.using, new.check) if text is not None),
        needs=(owning(difference.ref.path), *_roles(new)),
        hazards=(Hazard.RIGHTS,),
    )


def creation(difference: Difference[Policy]) -> str:
    """The statement that creates the policy."""
    return f"create policy {difference.ref.name} on {difference.on} {clauses(difference.new)}"


def _roles(policy: Policy) -> tuple[Need, ...]:
    return tuple(role_there(role) for role in policy.roles if role != "public")


def _is(path: ObjectPath, condition: str = "true") -> str:
    return (
        f"exists (select from pg_catalog.pg_policy p where p.polrelid = {relation(path)}"
        f" and p.polname = {literal(path[2])} and {condition})"
    )


def _as_expected(difference: Difference[Policy]) -> str:
    """That it is as expected, as far as one statement for all facets can tell.

    How the server prints an expected expression is known of the facet alone that differs, and equal
    steps must be equal. One statement sets everything, so what can be compared tells of the rest;
    where nothing but expressions differs, the policy must not be what was seen.
    """
    path, new, old = difference.ref.path, difference.new, difference.old
    parts = [
        f"p.polcmd = '{_COMMANDS[new.command]}'",
        f"p.polpermissive = {str(new.permissive).lower()}",
        f"p.polqual is {'null' if new.using is None else 'not null'}",
        f"p.polwithcheck is {'null' if new.check is None else 'not null'}",
        f"array({_ROLES}) = {array(new.roles)}",
    ]
    if (_shape(new), new.roles) == (_shape(old), old.roles):
        parts.append(_rewritten(difference))
    return _is(path, " and ".join(parts))


def _shape(policy: Policy) -> tuple[Any, ...]:
    return policy.command, policy.permissive, policy.using is None, policy.check is None


def _rewritten(difference: Difference[Policy]) -> str:
    new, old, printed = difference.new, difference.old, difference.printed
    if printed is not None and new.using == old.using:
        return f"{_CHECK} = {literal(printed)}"
    if printed is not None and new.check == old.check:
        return f"{_USING} = {literal(printed)}"
    seen = [f"{_USING} is not distinct from {_text(old.using)}", f"{_CHECK} is not distinct from {_text(old.check)}"]
    return f"not ({' and '.join(seen)})"


def _text(expression: str | None) -> str:
    return "null" if expression is None else literal(expression)


CURE = Cure(
    create=create,
    drop=drop,
    alter=dict.fromkeys(("for", "as", "to", "using", "check"), alter),
    rename=rename,
    address=of_policy,
)
