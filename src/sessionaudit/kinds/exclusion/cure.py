"""Exclusion constraints: added under a lock, for PostgreSQL builds their index neither concurrently nor NOT VALID."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.core.cure import Cure, Difference, absent, negated, present, valid
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.step import Hazard, LockLevel, Step
from sessionaudit.kinds.common.address import of_constraint
from sessionaudit.kinds.common.carried_over import exchanged
from sessionaudit.kinds.common.catalog_conditions import OF_NO_CONSTRAINT, constraint_is, read_as, relation
from sessionaudit.kinds.common.enforcement_queries import FIRING, INDEXED, bool_
from sessionaudit.kinds.common.holder import holder, key_of, on_table, partitioned, standing_on
from sessionaudit.kinds.common.obstacle_queries import RowsQuery, fixed, freeing, named, obstacle
from sessionaudit.kinds.common.rights import creating_in, owning, since
from sessionaudit.kinds.common.weaker import loosening, weaker_exclusion
from sessionaudit.kinds.exclusion.kind import READ
from sessionaudit.kinds.exclusion.model import Exclusion, divided, show, show_definition
from sessionaudit.kinds.index.cure import element
from sessionaudit.sql.fragment import Fragment, FragmentError
from sessionaudit.sql.text import in_parentheses, literal, quoted

if TYPE_CHECKING:
    from sessionaudit.kinds.common.obstacle_queries import Value

# Every row is compared with every other one unless an element compares by =: in a second, so many pages of a table.
_CHEAP_PAGES = 32
_UNCOUNTED = "Rows that conflict are listed beforehand only if the table is small"


def create(difference: Difference[Exclusion]) -> tuple[Step, ...]:
    """Add it, which builds its index and compares all rows while nobody can write."""
    if not on_table(difference) or _name_is_taken(difference):
        return ()
    return (_added(difference, f"Add the exclusion constraint {difference.ref.dotted}"),)


def exchange(difference: Difference[Exclusion]) -> tuple[Step, ...]:
    """Drop it and add the expected one in one statement, so that the table is never without one."""
    step = _added(difference, f"Replace the exclusion constraint {difference.ref.dotted}")
    step = replace(step, around=exchanged(difference.ref, of_constraint(difference.ref.path), step.sql))
    new = replace(difference.new, definition=difference.printed or difference.new.definition)
    return loosening((step,), looser=weaker_exclusion(new, difference.old, difference.schema))


def enforce(difference: Difference[Exclusion]) -> tuple[Step, ...]:
    """Recreate it, with a valid index and a trigger that fires; not where child tables lack it."""
    return exchange(difference) if difference.old.repairable else ()


def drop(difference: Difference[Exclusion]) -> tuple[Step, ...]:
    """Drop it with its index; the rows stay."""
    ref = difference.ref
    return (
        Step(
            action=f"Drop the exclusion constraint {ref.dotted}",
            ref=ref,
            sql=(f"alter table {difference.on} drop constraint {ref.name}",),
            done=negated(constraint_is(ref.path)),
            locks=(difference.table,),
            provides=(absent(ref),),
            needs=(owning(ref.path),),
            obstacle=obstacle(difference, f"prevent {ref.name} from being dropped", None, fixed(ref.path)),
        ),
    )


def rename(difference: Difference[Exclusion], found: ObjectRef) -> tuple[Step, ...]:
    """Rename it as in the contract, by its index, which locks no table."""
    ref = difference.ref
    index = (found.path[0], found.path[2])
    return (
        Step(
            action=f"Rename the exclusion constraint {found.dotted} to {ref.name}",
            ref=ref,
            sql=(f"alter index {dotted(index)} rename to {ref.name}",),
            done=constraint_is(ref.path),
            lock=LockLevel.SHARE_UPDATE_EXCLUSIVE,
            locks=(index,),
            provides=(present(ref),),
            needs=(owning(ref.path), creating_in(ref.path[0])),
            obstacle=obstacle(difference, f"prevent renaming to {ref.name}", None, named(ref.path, "true")),
        ),
    )


# Steps


def _added(difference: Difference[Exclusion], action: str) -> Step:
    ref, new, there = difference.ref, difference.new, difference.actual is not None
    fresh = not standing_on(difference)
    dropped = f"drop constraint {ref.name}, " if there else ""
    freed = freeing(difference, ref.path[2])
    rows = None if fresh else _conflicting(difference)
    told = f"{action}. {_UNCOUNTED}" if rows and not _hashed(new) else action
    others = (fixed(ref.path),) if there else () if freed else (named(ref.path, f"not {OF_NO_CONSTRAINT}"),)
    return Step(
        action=told,
        ref=ref,
        sql=(f"alter table {difference.on} {dropped}add constraint {ref.name} {show(new)}",),
        done=_as_expected(difference),
        locks=(difference.table,),
        provides=(present(ref), valid(ref)),
        requires=(present(holder(difference)), *freed),
        reads=(show_definition(new),),
        needs=(
            owning(ref.path),
            creating_in(ref.path[0]),
            *((since(17, "an exclusion constraint on a partitioned table"),) if partitioned(difference) else ()),
        ),
        hazards=() if fresh else (Hazard.REWRITE,),
        obstacle=obstacle(difference, f"prevent {ref.name} from being added", rows, *others),
        timeout=None,
    )


def _name_is_taken(difference: Difference[Exclusion]) -> bool:
    """Whether a constraint of another sort has the name."""
    return any(difference.ref.path in difference.present[kind] for kind in ("key", "foreign_key", "check"))


# Rows in the way


def _conflicting(difference: Difference[Exclusion]) -> RowsQuery | None:
    """The rows that conflict with one before them; None where its text does not tell, or none is newly refused."""
    new, old = difference.new, difference.actual
    if old is not None and not old.slack and new.definition == old.definition:
        return None
    try:
        parts = divided(new.definition)
        values = [element(difference, Fragment(one.text)) for one in parts.elements]
    except FragmentError:
        return None
    table = quoted(difference.table[1])
    computed = "".join(f", ({value.sql}) as v{place}" for place, value in enumerate(values, 1) if value)
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    where = f" where {in_parentheses(parts.where)}" if parts.where else ""
    key = key_of(difference, table)
    inner = f"(select {key} as key, {table}.tableoid as o, {table}.ctid as c{computed} from {difference.on}{where})"
    pairs = [f"b.v{place} {one.operator} a.v{place}" for place, one in enumerate(parts.elements, 1)]
    alike = " and ".join((*pairs, "(b.o, b.c) < (a.o, a.c)"))
    small = (
        f"(select pg_catalog.pg_relation_size({relation(difference.table)}) <="
        f" {_CHEAP_PAGES} * pg_catalog.current_setting('block_size')::bigint) and "
    )
    query = (
        f"select a.key, {_shown(known)}'conflicting'::text as why from {inner} a"
        f" where {'' if _hashed(new) else small}exists (select from {inner} b where {alike})"
    )
    return RowsQuery(query, len(known), "Change or delete one of two rows that conflict.")


def _shown(values: list[Value]) -> str:
    return "".join(f"a.v{place} as {value.label}, " for place, value in enumerate(values, 1))


def _hashed(exclusion: Exclusion) -> bool:
    """Whether rows need not all be compared with each other, for an element compares by =."""
    return any(one.operator == "=" for one in divided(exclusion.definition).elements)


# SQL expressions


def _as_expected(difference: Difference[Exclusion]) -> str:
    """That it is there as the server prints what is expected, or, where that is not known, other than it was."""
    path, new, old = difference.ref.path, difference.new, difference.actual
    conditions = [
        "c.contype = 'x'",
        f"c.condeferrable = {bool_(bool(new.deferral))}",
        f"c.condeferred = {bool_('initially' in new.deferral)}",
        INDEXED,
        FIRING,
    ]
    if difference.printed is not None:
        conditions.append(f"{_PRINTED} = {literal(difference.printed)}")
    there = constraint_is(path, " and ".join(conditions))
    if difference.printed is None and old is not None and _only_text_differs(new, old):
        return f"{there} and not {read_as(READ, path, old.definition)}"
    return there


_PRINTED = (
    "pg_catalog.regexp_replace(pg_catalog.substr(pg_catalog.pg_get_constraintdef(c.oid), 15),"
    " ' DEFERRABLE( INITIALLY DEFERRED)?$', '')"
)


def _only_text_differs(new: Exclusion, old: Exclusion) -> bool:
    return new.deferral == old.deferral and not old.slack


CURE = Cure(
    create=create,
    drop=drop,
    alter={"definition": exchange, "deferral": exchange, "enforced": enforce},
    rename=rename,
    address=of_constraint,
)
