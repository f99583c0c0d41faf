"""Domains: altered in place; a new check is added NOT VALID, then held against what the columns of the domain hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.cure import Cure, Difference, absent, negated, present
from sessionaudit.core.step import Around, Composed, Hazard, LockLevel, Step
from sessionaudit.kinds.common.address import of_type
from sessionaudit.kinds.common.carried_over import fixed, listed
from sessionaudit.kinds.common.ownership import adopted, adopting
from sessionaudit.kinds.common.rights import creating_in
from sessionaudit.kinds.common.types import is_type, owning_type, type_address, type_is, using, vacant
from sessionaudit.kinds.domain.cure_checks import change_checks, comments, names, rename, validate
from sessionaudit.kinds.domain.model import Domain, brief
from sessionaudit.kinds.domain.users import held, nulls
from sessionaudit.sql.text import literal

if TYPE_CHECKING:
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.step import Dependent

_BASE = "pg_catalog.format_type(t.typbasetype, t.typtypmod)"
_DEFAULT = "pg_catalog.pg_get_expr(t.typdefaultbin, 0)"


def create(difference: Difference[Domain]) -> tuple[Step, ...]:
    """Create it with its default and its checks."""
    ref = difference.ref
    return (
        Step(
            action=f"Create the domain {ref.dotted}",
            ref=ref,
            sql=(_create(difference), adopted(f"domain {ref.dotted}", ref.path)),
            done=_is(ref.path, "true"),
            lock=LockLevel.NONE,
            provides=(present(ref),),
            reads=(brief(difference.new),),
            needs=(creating_in(ref.path[0]),),
            wishes=adopting(ref.path),
            obstacle=vacant(ref.path, "t.typtype <> 'd'", "domain"),
        ),
    )


def drop(difference: Difference[Domain]) -> tuple[Step, ...]:
    """Drop it, where nothing uses it any more."""
    ref = difference.ref
    sql = (f"drop domain {ref.dotted}",)

    def compose(found: tuple[Dependent, ...]) -> Composed:
        return Composed(sql, stuck=fixed(found, ref.path), help="Change what depends on it first, or keep it.")

    return (
        Step(
            action=f"Drop the domain {ref.dotted}",
            ref=ref,
            sql=sql,
            done=negated(_is(ref.path, "true")),
            lock=LockLevel.NONE,
            provides=(absent(ref),),
            needs=(owning_type(ref.path),),
            hazards=(Hazard.DROP, *((Hazard.LOOSEN,) if difference.old.checks or difference.old.not_null else ())),
            around=Around(type_address(ref.path, goes=True), compose),
        ),
    )


def recreate(difference: Difference[Domain]) -> tuple[Step, ...]:
    """Drop it and create it with the expected base type and collation, where nothing uses it.

    What becomes of the values of columns that use it, a person must decide.
    """
    ref, new = difference.ref, difference.new
    said = comments(difference, names(ref.path[1], new.checks))
    statements = (f"drop domain {ref.dotted}", _create(difference), *said)

    def compose(found: tuple[Dependent, ...]) -> Composed:
        users = using(found, ref)
        kept = (statement for one in found if one.sort == "type" for statement in one.put)
        used = f"{listed(users)} use{'s' if len(users) == 1 else ''} it" if users else ""
        return Composed(
            (*statements, *kept),
            stuck=fixed(found, ref.path) or used,
            help="Create a domain of another name, turn what uses it to that, then drop this one.",
        )

    collation = (
        f"t.typcollation = coalesce(pg_catalog.to_regcollation({literal(new.collation)}), t.typcollation)"
        if new.collation
        else "t.typcollation = (select b.typcollation from pg_catalog.pg_type b where b.oid = t.typbasetype)"
    )
    return (
        Step(
            action=f"Recreate the domain {ref.dotted} with the expected base type and collation",
            ref=ref,
            sql=statements,
            done=_is(ref.path, f"{is_type(_BASE, new.type, difference.schema)} and {collation}"),
            lock=LockLevel.NONE,
            reads=(brief(new),),
            needs=(owning_type(ref.path), creating_in(ref.path[0])),
            hazards=(Hazard.DROP, Hazard.LOOSEN),
            around=Around(type_address(ref.path, goes=True), compose),
        ),
    )


def change_default(difference: Difference[Domain]) -> tuple[Step, ...]:
    """Set the default, or drop it; rows keep their values."""
    ref, new = difference.ref, difference.new
    if new.type != difference.old.type:
        return recreate(difference)
    if new.default is None:
        action, words, done = "Drop", "drop default", "t.typdefaultbin is null"
    else:
        action, words = "Set", f"set default {new.default}"
        seen = "null" if difference.old.default is None else literal(difference.old.default)
        done = f"{_DEFAULT} is distinct from {seen} and t.typdefaultbin is not null"
        if difference.printed is not None:
            done = f"{_DEFAULT} = {literal(difference.printed)}"
    return (
        Step(
            action=f"{action} the default of the domain {ref.dotted}",
            ref=ref,
            sql=(f"alter domain {ref.dotted} {words}",),
            done=_is(ref.path, done),
            lock=LockLevel.NONE,
            reads=() if new.default is None else (new.default,),
            needs=(owning_type(ref.path),),
            hazards=(Hazard.LOOSEN,) if new.default is None and not new.bare else (),
        ),
    )


def change_nullability(difference: Difference[Domain]) -> tuple[Step, ...]:
    """Allow nulls, or refuse them once no column of the domain holds any."""
    ref, new = difference.ref, difference.new
    words = "set not null" if new.not_null else "drop not null"
    return (
        Step(
            action=f"{'Set' if new.not_null else 'Drop'} NOT NULL of the domain {ref.dotted}",
            ref=ref,
            sql=(f"alter domain {ref.dotted} {words}",),
            done=_is(ref.path, "t.typnotnull" if new.not_null else "not t.typnotnull"),
            lock=LockLevel.SHARE if new.not_null else LockLevel.NONE,
            needs=(owning_type(ref.path),),
            hazards=() if new.not_null else (Hazard.LOOSEN,),
            around=held(difference, (f"alter domain {ref.dotted} {words}",), nulls) if new.not_null else None,
            timeout=None,
        ),
    )


def _create(difference: Difference[Domain]) -> str:
    return f"create domain {difference.ref.dotted} as {brief(difference.new)}"


def _is(path: ObjectPath, condition: str) -> str:
    return type_is(path, f"t.typtype = 'd' and {condition}")


CURE = Cure(
    create=create,
    drop=drop,
    alter={
        "type": recreate,
        "collation": recreate,
        "default": change_default,
        "nullability": change_nullability,
        "checks": change_checks,
        "names": rename,
        "validated": validate,
    },
    address=of_type,
)
