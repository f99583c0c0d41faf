"""Cures for partitioning: tables are attached without a scan under a lock where that can be proven."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec.structs import replace

from sessionaudit.core.cure import spare, valid
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.step import Hazard, LockLevel, Obstacle, Step
from sessionaudit.kinds.common.catalog_conditions import constraint_is
from sessionaudit.kinds.common.holder import key_of
from sessionaudit.kinds.common.rights import owning
from sessionaudit.kinds.table import partition_text
from sessionaudit.kinds.table.cure_detaching import finished
from sessionaudit.kinds.table.cure_shape import Shaping, shaping
from sessionaudit.kinds.table.partition_place import brought_first, is_partition, others_gone, parent_there
from sessionaudit.sql.fragment import FragmentError
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from sessionaudit.core.cure import Difference
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.step import Condition, Need
    from sessionaudit.kinds.table.partition_place import PartitionPlace


class Attaching(NamedTuple):
    """How a table gets to its place: steps that prove it fits, the statements and all that they need."""

    helpers: tuple[Step, ...]
    sql: tuple[str, ...]
    locks: tuple[ObjectPath, ...]
    requires: tuple[Condition, ...]
    needs: tuple[Need, ...]
    scanned: bool
    obstacle: Obstacle | None


def attached(difference: Difference[Any], place: PartitionPlace, created: tuple[Step, ...] = ()) -> tuple[Step, ...]:
    """Attach a table, or one that is `created` first, and empty.

    What proves that no row of the default partition is in the way comes before that.
    """
    done = is_partition(difference.table, place.parent)
    how = attaching(difference, place, done, fresh=bool(created))
    step = Step(
        action=f"Attach {difference.on} to {dotted(place.parent)}, {place.bound.sql}",
        ref=difference.ref,
        sql=how.sql,
        done=done,
        locks=how.locks,
        beside=(place.parent,),
        requires=how.requires,
        # Others of the table may have the bounds that this one is to have.
        follows=(*others_gone(difference, place.parent), valid(ObjectRef("table", place.parent))),
        needs=how.needs,
        hazards=(Hazard.REWRITE,) if how.scanned else (),
        obstacle=how.obstacle,
        timeout=None if how.scanned else 10.0,
    )
    return (*finished(difference), *how.helpers, *created, step)


def attaching(
    difference: Difference[Any],
    place: PartitionPlace,
    done: str,
    *,
    fresh: bool,
    shaped: bool = False,
    empty: bool = False,
) -> Attaching:
    """How a table is attached; a `fresh` one is empty, and one that is `shaped` has all that its parent has.

    `empty` tells that there is no default partition by then.
    """
    key, default, known = _of_parent(difference, place.parent)
    sure = key is not None and _is_provable(key)
    shape = Shaping((), ()) if fresh or shaped else shaping(difference, place.parent)
    helpers: list[Step] = [*shape.steps]
    if not fresh and sure:
        helpers += _proven(difference, place, difference.table, done, key or "", outside=False)
    beside = default if place.bound.sort != partition_text.DEFAULT and default != difference.table else None
    beside = None if empty else beside
    if beside and sure:
        helpers += _proven(difference, place, beside, done, key or "", outside=True)
    scanned = not fresh and (not sure or place.bound.sort == partition_text.DEFAULT or _builds(difference, place))
    scanned = scanned or (not known and place.bound.sort != partition_text.DEFAULT) or (beside is not None and not sure)
    dropped = [
        f"alter table {dotted(path)} drop constraint {quoted(_helper(place, path))}"
        for path in ((difference.table,) if not fresh and sure else ()) + ((beside,) if beside and sure else ())
        if place.bound.sort != partition_text.DEFAULT
    ]
    return Attaching(
        helpers=tuple(helpers),
        sql=(
            f"alter table {dotted(place.parent)} attach partition {difference.on} {place.bound.sql}",
            *dropped,
        ),
        locks=(difference.table, *((beside,) if beside else ())),
        requires=(*brought_first(difference, place.parent), *shape.requires),
        needs=(*parent_there(difference, place.parent), owning(place.parent), owning(difference.table)),
        scanned=scanned,
        obstacle=None if sure or key is None or beside is None else _inside(difference, place, beside, key),
    )


def _of_parent(difference: Difference[Any], parent: ObjectPath) -> tuple[str | None, ObjectPath | None, bool]:
    """The key of a parent, its default partition, and whether both are known."""
    there, wanted = difference.present["table"].get(parent), difference.wanted["table"].get(parent)
    if there is not None:
        return there.partitioning.key, there.partitioning.default, True
    new = wanted is not None and wanted.partitioning.key is not None
    return (wanted.partitioning.key if wanted else None), None, new


def _is_provable(key: str) -> bool:
    try:
        return partition_text.provable(key)
    except FragmentError:
        return False


def _builds(difference: Difference[Any], place: PartitionPlace) -> bool:
    """Whether attaching builds an index, or validates a foreign key, while nobody can use the table."""
    if place.parent not in difference.present["table"]:
        return True
    present_of = difference.present
    for kind, same in (("key", _same_key), ("index", _same_index), ("foreign_key", _same_foreign_key)):
        own = [value for path, value in present_of[kind].items() if path[:2] == difference.table]
        for path, value in present_of[kind].items():
            if path[:2] == place.parent and not any(same(value, one) for one in own):
                return True
    return False


def _same_key(one: Any, other: Any) -> bool:
    return bool((one.type, one.columns, one.include) == (other.type, other.columns, other.include))


def _same_index(one: Any, other: Any) -> bool:
    return bool((one.unique, one.definition) == (other.unique, other.definition) and other.valid)


def _same_foreign_key(one: Any, other: Any) -> bool:
    mine, found = ((key.columns, key.target, key.target_columns, key.validated) for key in (one, other))
    return bool(mine == found)


def _helper(place: PartitionPlace, path: ObjectPath) -> str:
    """The name of the check that proves the bounds on a table."""
    return spare(f"{path[1]}_bounds", f"{dotted(path)} {dotted(place.parent)} {place.bound.sql}")


def _proven(
    difference: Difference[Any], place: PartitionPlace, path: ObjectPath, done: str, key: str, *, outside: bool
) -> tuple[Step, ...]:
    """Add a check that proves that no row of a table is outside of the bounds, or none inside, while others use it."""
    test = partition_text.condition(key, place.bound, place.parent, outside=outside)
    if test is None:
        return ()
    name, ref, on = _helper(place, path), difference.ref, dotted(path)
    constraint = (*path, name)
    what = f"{'outside' if outside else 'within'} the bounds of {difference.on}"
    add = Step(
        action=f"Add a check to {on} that its rows are {what}",
        ref=ref,
        sql=(f"alter table {on} add constraint {quoted(name)} check ({test}) not valid",),
        done=f"({done} or {constraint_is(constraint)})",
        locks=(path,),
        requires=brought_first(difference, place.parent),
        needs=(owning(path), owning(place.parent)),
        obstacle=_broken(difference, place, path, key, outside=outside),
    )
    validate = Step(
        action=f"Validate that the rows of {on} are {what}",
        ref=ref,
        sql=(f"alter table {on} validate constraint {quoted(name)}",),
        done=f"({done} or {constraint_is(constraint, 'c.convalidated')})",
        lock=LockLevel.SHARE_UPDATE_EXCLUSIVE,
        locks=(path,),
        needs=(owning(path),),
        hazards=(Hazard.SCAN,),
        obstacle=_broken(difference, place, path, key, outside=outside),
        timeout=None,
    )
    return add, validate


def _broken(
    difference: Difference[Any], place: PartitionPlace, path: ObjectPath, key: str, *, outside: bool
) -> Obstacle:
    if outside:
        return _inside(difference, place, path, key)
    test = partition_text.condition(key, place.bound, place.parent, outside=True)
    return Obstacle(
        rows=_rows(difference, path, key, test or "false", f"outside of {place.bound.sql}"),
        what=f"are outside of the bounds of {difference.on}",
        hint=f"Move them to another partition of {dotted(place.parent)}, or delete them.",
        of_rows=True,
    )


def _inside(difference: Difference[Any], place: PartitionPlace, path: ObjectPath, key: str) -> Obstacle:
    """The rows of the default partition that belong to this one; PostgreSQL refuses it while there are any."""
    test = partition_text.condition(key, place.bound, place.parent)
    return Obstacle(
        rows=_rows(difference, path, key, test or "false", f"belongs to {difference.on}"),
        what=f"are in the default partition {dotted(path)}, within the bounds of {difference.on}",
        hint=(
            f"Create {difference.on} as a table by itself, with the columns of {dotted(place.parent)}, and move them"
            f" there: with moved as (delete from {dotted(path)} where {test} returning *) insert into {difference.on}"
            " select * from moved; then repair again, which attaches it."
        ),
        of_rows=True,
    )


def _rows(difference: Difference[Any], path: ObjectPath, key: str, test: str, why: str) -> str:
    own = key_of(replace(difference, ref=ObjectRef("table", path)), quoted(path[1]))
    shown = ", ".join(
        f"{part.sql} as {quoted(part.name if part.name != 'key' else 'key of the row')}"
        for part in partition_text.parts(key)[1]
    )
    return f"select {own} as key, {shown}, {literal(why)}::text as why from {dotted(path)} where {test}"
