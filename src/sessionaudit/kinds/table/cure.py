"""Tables: created from their declared columns, with their owner and row security."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.core.cure import Cure, Difference, absent, guarding, negated, present
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.step import Hazard, Step
from sessionaudit.kinds.column.model import show
from sessionaudit.kinds.common.address import of_relation
from sessionaudit.kinds.common.catalog_conditions import relation
from sessionaudit.kinds.common.ownership import adopted, adopting, becoming_owner, vacant
from sessionaudit.kinds.common.rights import creating_in, owning
from sessionaudit.kinds.grant.cure import withheld
from sessionaudit.kinds.table import cure_properties as table_shape_cures
from sessionaudit.kinds.table import cure_storage
from sessionaudit.kinds.table.cure_attaching import attached
from sessionaudit.kinds.table.cure_bounds import rebound
from sessionaudit.kinds.table.cure_by_hand import after_the_key, fill_anew
from sessionaudit.kinds.table.cure_detaching import detached, finished
from sessionaudit.kinds.table.cure_partitioning import complete, of_parent
from sessionaudit.kinds.table.cure_storage import clauses
from sessionaudit.kinds.table.model import IMPLIED, OFF, Table
from sessionaudit.kinds.table.partition_place import place_of
from sessionaudit.kinds.table.properties import NO_PARENT, parents_of
from sessionaudit.kinds.table.relation_kind import TABLES
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

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
    place, by = place_of(new), new.partitioning.key
    parents = parents_of(new.shape.parent or NO_PARENT)[1]
    brought = _brought(difference, (place.parent,) if place else parents)
    own = {path: column for path, column in columns.items() if path[2] not in {one[2] for one in brought}}
    texts = [] if place else [show(column) for column in own.values()]
    if place is not None:
        body = of_parent(difference, place, {path[2] for path in columns})
    elif _is_plain(new) and (columns or parents or new.columnless):
        listed = (f"{quoted(path[2])} {text}" for path, text in zip(own, texts, strict=True))
        body = "(\n  {}\n)".format(",\n  ".join(listed)) if own else "()"
        body += f" inherits ({', '.join(map(dotted, parents))})" if parents else ""
    else:
        body = None
    if body is None:
        return ()
    unlogged = "unlogged " if new.shape.persistence == "unlogged" else ""
    sql = [f"create {unlogged}table {difference.on} {body}{f' partition by {by}' if by else ''}{clauses(new)}"]
    if new.row_security not in {None, "disabled"}:
        sql.append(f"alter table {difference.on} {_SECURITY[new.row_security or IMPLIED]}")
    defaults = [*_defaults(difference, (place.parent,) if place else parents, brought)]
    sql += defaults
    sql += withheld(difference)
    if new.owner is not None:
        sql.append(f"alter table {difference.on} owner to {quoted(new.owner)}")
    else:
        sql.append(adopted(f"table {difference.on}", ref.path))
    created = (
        Step(
            action=f"Create the {'partitioned ' if by else ''}table {difference.on}",
            ref=ref,
            sql=tuple(sql),
            done=_is(ref.path, "c.relkind in ('r', 'p', 'v', 'm', 'f')"),
            locks=(difference.table,),
            beside=parents,
            provides=(present(ref), *(present(ObjectRef("column", path)) for path in columns)),
            requires=(
                *(present(ObjectRef("table", one)) for one in parents if difference.wanted["table"].get(one)),
                *(present(ObjectRef("column", one)) for one in brought),
            ),
            reads=(*texts, *defaults, *((by,) if by else ())),
            needs=(creating_in(ref.path[0]), vacant(ref.path), *becoming_owner(ref.path, new.owner)),
            wishes=() if new.owner else adopting(ref.path),
        ),
    )
    return attached(difference, place, created) if place else created


def _brought(difference: Difference[Table], parents: Iterable[ObjectPath]) -> list[ObjectPath]:
    """The columns of its parents by which it has columns that the contract states for both, but for their defaults."""
    wanted = difference.wanted["column"]
    return [
        (*parent, path[2])
        for path, column in difference.declared("column", difference.ref.path).items()
        for parent in parents
        if column and (above := wanted.get((*parent, path[2])))
        if not column.serial and replace(above, default=column.default, serial=False) == column
    ]


def _defaults(
    difference: Difference[Table], parents: Iterable[ObjectPath], brought: Collection[ObjectPath]
) -> Iterator[str]:
    """The statements that give columns which it has by its parents defaults of their own."""
    wanted = difference.wanted["column"]
    for path, column in difference.declared("column", difference.ref.path).items():
        above = [wanted.get((*parent, path[2])) for parent in parents]
        if not column or column.serial or column.identity or column.generated is not None or not any(above):
            continue
        if all(one and one.default == column.default and not one.serial for one in above):
            continue
        if any((*parent, path[2]) in brought for parent in parents):
            new = "drop default" if column.default is None else f"set default {column.default}"
            yield f"alter table only {difference.on} alter column {quoted(path[2])} {new}"


def _is_plain(table: Table) -> bool:
    """Whether it is a table that CREATE TABLE makes of columns, and of its partition key if it has one."""
    kinds = {None, *TABLES} if table.partitioning.key else {None, "table"}
    return table.kind in kinds


def drop(difference: Difference[Table]) -> tuple[Step, ...]:
    """Drop it; PostgreSQL refuses while anything else depends on it. A partition is detached first."""
    ref, kind = difference.ref, difference.old.kind
    keys = difference.present["foreign_key"]
    partition, parents = parents_of(difference.old.shape.parent or NO_PARENT)
    concurrent = partition and difference.old.partitioning.free
    first = (detached(difference, parents[0], hazard=Hazard.DATA_LOSS, beside=True),) if concurrent else ()
    above = parents if partition and not concurrent else ()
    return (
        *(first or finished(difference)),
        Step(
            action=f"Drop the {kind} {difference.on}",
            ref=ref,
            sql=(f"drop {'table' if kind in _GUARDED else kind} {difference.on}",),
            done=negated(_is(ref.path, "c.relkind in ('r', 'p', 'v', 'm', 'f')")),
            locks=tuple(
                dict.fromkeys(
                    (difference.table, *above, *(key.target for path, key in keys.items() if path[:2] == ref.path))
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
            needs=(owning(ref.path), *becoming_owner(ref.path, owner)),
            hazards=(Hazard.RIGHTS,),
        ),
    )


def _is(path: ObjectPath, condition: str) -> str:
    return f"exists (select from pg_catalog.pg_class c where c.oid = {relation(path)} and {condition})"


CURE = Cure(
    create=create,
    drop=drop,
    alter={
        "kind": None,
        "row_security": secure,
        "owner": give,
        **table_shape_cures.ALTER,
        "partition_by": None,  # all rows would have to move, so that a person must decide
        "bounds": rebound,
        "listed": partial(complete, create=create),
        "detaching": finished,
        **cure_storage.ALTER,
    },
    by_hand={"partition_by": fill_anew, "kind": fill_anew, "bounds": after_the_key},
    address=of_relation,
)
