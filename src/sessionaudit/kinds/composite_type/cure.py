"""Composite types: attributes are added, dropped and altered in place, as far as PostgreSQL allows that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.cure import Cure, Difference, absent, negated, present
from sessionaudit.core.step import Around, Composed, Hazard, LockLevel, Step
from sessionaudit.kinds.common.address import of_type
from sessionaudit.kinds.common.carried_over import fixed, listed
from sessionaudit.kinds.common.catalog_conditions import column_is
from sessionaudit.kinds.common.ownership import adopted, adopting
from sessionaudit.kinds.common.rights import creating_in
from sessionaudit.kinds.common.types import is_type, owning_type, type_address, type_is, using, vacant
from sessionaudit.kinds.composite_type.kind import differing
from sessionaudit.kinds.composite_type.model import CompositeType, names, show, show_attribute, show_type
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.step import Dependent
    from sessionaudit.kinds.composite_type.model import TypeAttribute

_OWN = "exists (select from pg_catalog.pg_class c where c.oid = t.typrelid and c.relkind = 'c')"
# Whether pg_attribute `a` is at a place among those of its type.
_STANDS_AT = (
    "(select pg_catalog.count(*) from pg_catalog.pg_attribute b where b.attrelid = a.attrelid and b.attnum > 0"
    " and not b.attisdropped and b.attnum <= a.attnum) = {place}"
)
_FORMATTED = "pg_catalog.format_type(a.atttypid, a.atttypmod)"
# What a type stands in where PostgreSQL refuses to change it.
_TYPED = ("table",)
_STORED = (*_TYPED, "column", "composite type column", "range type", "domain")
_HELP = "Change the type of what uses it first, then this one."


def create(difference: Difference[CompositeType]) -> tuple[Step, ...]:
    """Create it with its attributes."""
    ref = difference.ref
    return (
        Step(
            action=f"Create the composite type {ref.dotted}",
            ref=ref,
            sql=(_create(difference), adopted(f"type {ref.dotted}", ref.path)),
            done=type_is(ref.path, _OWN),
            lock=LockLevel.NONE,
            provides=(present(ref),),
            reads=(show(difference.new),),
            needs=(creating_in(ref.path[0]),),
            wishes=adopting(ref.path),
            obstacle=vacant(ref.path, negated(_OWN), "composite type"),
        ),
    )


def drop(difference: Difference[CompositeType]) -> tuple[Step, ...]:
    """Drop it, where nothing uses it any more."""
    ref = difference.ref
    sql = (f"drop type {ref.dotted}",)

    def compose(found: tuple[Dependent, ...]) -> Composed:
        return Composed(sql, stuck=fixed(found, ref.path), help="Change what depends on it first, or keep it.")

    return (
        Step(
            action=f"Drop the composite type {ref.dotted}",
            ref=ref,
            sql=sql,
            done=negated(type_is(ref.path, _OWN)),
            locks=(ref.path,),
            provides=(absent(ref),),
            needs=(owning_type(ref.path),),
            hazards=(Hazard.DROP,),
            around=Around(type_address(ref.path, goes=True), compose),
        ),
    )


def change_attributes(difference: Difference[CompositeType]) -> tuple[Step, ...]:
    """Drop what is not expected and add what is missing, where that leads to the expected order; else make it anew."""
    ref, new, old = difference.ref, difference.new, difference.old
    kept = [name for name in names(old) if name in names(new)]
    added = [one for one in new.attributes if one.name not in names(old)]
    if (*kept, *(one.name for one in added)) != names(new):
        return (_recreated(difference),)
    steps = [_dropped(difference, name) for name in names(old) if name not in names(new)]
    for one in added:
        path = (*ref.path, one.name)
        sql = (f"alter type {ref.dotted} add attribute {show_attribute(one)}",)
        steps.append(
            Step(
                action=f"Add the attribute {quoted(one.name)} to the composite type {ref.dotted}",
                ref=ref,
                sql=sql,
                done=column_is(path, "true"),
                locks=(ref.path,),
                reads=(show_type(one),),
                needs=(owning_type(ref.path),),
                around=_unless_used(difference, sql, _TYPED),
            )
        )
    return tuple(steps)


def _dropped(difference: Difference[CompositeType], name: str) -> Step:
    ref = difference.ref
    sql = (f"alter type {ref.dotted} drop attribute {quoted(name)}",)
    return Step(
        action=f"Drop the attribute {quoted(name)} of the composite type {ref.dotted} with its values",
        ref=ref,
        sql=sql,
        done=negated(column_is((*ref.path, name), "true")),
        locks=(ref.path,),
        needs=(owning_type(ref.path),),
        hazards=(Hazard.DATA_LOSS,),
        around=_unless_used(difference, sql, _TYPED),
    )


def change_types(difference: Difference[CompositeType]) -> tuple[Step, ...]:
    """Give attributes their types, where no column uses the type: PostgreSQL cannot turn its values."""
    ref = difference.ref
    found = differing(difference.new, difference.old)
    if not found:
        return ()
    changes = ", ".join(f"alter attribute {quoted(one.name)} set data type {show_type(one)}" for one, _ in found)
    sql = (f"alter type {ref.dotted} {changes}",)
    return (
        Step(
            action=f"Change the type of {', '.join(quoted(one.name) for one, _ in found)} of the composite type"
            f" {ref.dotted}",
            ref=ref,
            sql=sql,
            done=f"({' and '.join(_is_typed(difference, one) for one, _ in found)})",
            locks=(ref.path,),
            reads=tuple(show_type(one) for one, _ in found),
            needs=(owning_type(ref.path),),
            around=_unless_used(difference, sql, _STORED),
        ),
    )


def _is_typed(difference: Difference[CompositeType], attribute: TypeAttribute) -> str:
    own = "(select y.typcollation from pg_catalog.pg_type y where y.oid = a.atttypid)"
    collated = f"a.attcollation {'<>' if attribute.collation else '='} {own}"
    path: ObjectPath = (*difference.ref.path, attribute.name)
    return column_is(path, f"{is_type(_FORMATTED, attribute.type, difference.schema)} and {collated}")


def _recreated(difference: Difference[CompositeType]) -> Step:
    """Make it anew where nothing uses it: PostgreSQL adds attributes at the end alone."""
    ref = difference.ref
    statements = (f"drop type {ref.dotted}", _create(difference))

    def compose(found: tuple[Dependent, ...]) -> Composed:
        users = using(found, ref)
        kept = (statement for one in found if one.sort == "type" for statement in one.put)
        return Composed((*statements, *kept), stuck=fixed(found, ref.path) or _used(users), help=_HELP)

    placed = (
        column_is((*ref.path, name), _STANDS_AT.format(place=place))
        for place, name in enumerate(names(difference.new), 1)
    )
    return Step(
        action=f"Recreate the composite type {ref.dotted} with its attributes in the expected order",
        ref=ref,
        sql=statements,
        done=f"({' and '.join(placed)})",
        locks=(ref.path,),
        reads=(show(difference.new),),
        needs=(owning_type(ref.path), creating_in(ref.path[0])),
        hazards=(Hazard.DROP,),
        around=Around(type_address(ref.path, goes=True), compose),
    )


def _unless_used(difference: Difference[CompositeType], sql: Sequence[str], sorts: Sequence[str]) -> Around:
    """For a step that PostgreSQL refuses while the type is used in some manner."""
    ref = difference.ref

    def compose(found: tuple[Dependent, ...]) -> Composed:
        users = [one for one in using(found, ref) if one.sort.startswith(tuple(sorts))]
        return Composed(tuple(sql), stuck=fixed(found, ref.path) or _used(users), help=_HELP)

    return Around(type_address(ref.path, goes=False), compose)


def _used(users: Sequence[Dependent]) -> str:
    return f"{listed(users)} use{'s' if len(users) == 1 else ''} it" if users else ""


def _create(difference: Difference[CompositeType]) -> str:
    return f"create type {difference.ref.dotted} {show(difference.new)}"


CURE = Cure(
    create=create,
    drop=drop,
    alter={"attributes": change_attributes, "types": change_types},
    address=of_type,
)
