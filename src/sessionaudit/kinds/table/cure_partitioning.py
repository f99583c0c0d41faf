"""Cures for partitioning: partitions are created, attached without a scan where that can be proven, and detached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec.structs import replace

from sessionaudit.core.cure import absent, negated, present, spare
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.step import Debris, Hazard, LockLevel, Need, Obstacle, Step
from sessionaudit.kinds.common.catalog_conditions import constraint_is, relation
from sessionaudit.kinds.common.holder import key_of
from sessionaudit.kinds.common.rights import owning
from sessionaudit.kinds.table import partition_text
from sessionaudit.kinds.table.properties import parents_of
from sessionaudit.sql.fragment import FragmentError
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessionaudit.core.cure import Difference
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.kinds.table.partition_text import Bound

_LIKE = "including defaults including generated including storage including constraints"


class PartitionPlace(NamedTuple):
    """Where a partition belongs: its parent, and its bounds."""

    parent: ObjectPath
    bound: Bound


def place_of(table: Any) -> PartitionPlace | None:
    """The place of a table that is to be a partition; None where its bounds are not stated."""
    if table.shape.parent is None or table.partitioning.bound is None:
        return None
    parents = parents_of(table.shape.parent)[1]
    return PartitionPlace(parents[0], partition_text.bound(table.partitioning.bound))


def of_parent(difference: Difference[Any], place: PartitionPlace, columns: set[str]) -> str | None:
    """What follows the name in CREATE TABLE of a new table that is to be attached; None where the parent lacks columns.

    It has all that a partition must have before it is attached; the rest it gets then.
    """
    others = difference.of_table("column", place.parent)
    if others and not columns <= {path[2] for path in others}:
        return None
    return f"(like {dotted(place.parent)} {_LIKE})"


# Attaching


def attached(difference: Difference[Any], place: PartitionPlace, created: tuple[Step, ...] = ()) -> tuple[Step, ...]:
    """Attach a table, or one that is `created` first, and empty.

    What proves that no row of the default partition is in the way comes before that.
    """
    fresh = bool(created)
    key, default, known = _of_parent(difference, place.parent)
    on, parent, ref = difference.on, dotted(place.parent), difference.ref
    done = is_partition(difference.table, place.parent)
    sure = key is not None and _is_provable(key)
    helpers: list[Step] = []
    if not fresh and sure:
        helpers += _proven(difference, place, difference.table, done, key or "", outside=False)
    beside = default if place.bound.sort != partition_text.DEFAULT and default != difference.table else None
    if beside and sure:
        helpers += _proven(difference, place, beside, done, key or "", outside=True)
    scanned = not fresh and (not sure or place.bound.sort == partition_text.DEFAULT or _builds(difference, place))
    scanned = scanned or (not known and place.bound.sort != partition_text.DEFAULT) or (beside is not None and not sure)
    dropped = [
        f"alter table {dotted(path)} drop constraint {quoted(_helper(place, path))}"
        for path in ((difference.table,) if not fresh and sure else ()) + ((beside,) if beside and sure else ())
        if place.bound.sort != partition_text.DEFAULT
    ]
    step = Step(
        action=f"Attach {on} to {parent}, {place.bound.sql}",
        ref=ref,
        sql=(f"alter table {parent} attach partition {on} {place.bound.sql}", *dropped),
        done=done,
        locks=(difference.table, *((beside,) if beside else ())),
        beside=(place.parent,),
        requires=_requires(difference, place.parent),
        follows=_follows(difference, place.parent),
        needs=(*_there(difference, place.parent), owning(place.parent), owning(difference.table)),
        hazards=(Hazard.REWRITE,) if scanned else (),
        obstacle=None if sure or key is None or beside is None else _inside(difference, place, beside, key),
        timeout=None if scanned else 10.0,
    )
    return (*finished(difference), *helpers, *created, step)


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
        requires=_requires(difference, place.parent),
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


# Detaching


def detached(difference: Difference[Any], parent: ObjectPath, *, hazard: Hazard, beside: bool) -> Step:
    """Detach a partition: beside the traffic where PostgreSQL can, and its bounds may stay as a check on it."""
    on, of = difference.on, dotted(parent)
    plain = f"alter table {of} detach partition {on}"
    concurrent = beside and difference.old.partitioning.free
    return Step(
        action=f"Detach {on} from {of}{' concurrently' if concurrent else ''}",
        ref=difference.ref,
        sql=(f"{plain} concurrently",) if concurrent else (plain,),
        plain=(plain,) if concurrent else (),
        done=negated(_is_below(difference.table, parent)),
        locks=(difference.table,) if concurrent else (parent, difference.table),
        beside=(parent,) if concurrent else (),
        needs=(owning(parent), owning(difference.table)),
        hazards=(hazard,),
        concurrent=concurrent,
        debris=Debris(_is_pending(difference.table), f"{plain} finalize") if concurrent else None,
        timeout=None if concurrent else 10.0,
    )


def finished(difference: Difference[Any]) -> tuple[Step, ...]:
    """Finish a detach that was interrupted."""
    pending = difference.actual.partitioning.pending if difference.actual is not None else None
    if pending is None:
        return ()
    return (
        Step(
            action=f"Finish detaching {difference.on} from {dotted(pending)}",
            ref=difference.ref,
            sql=(f"alter table {dotted(pending)} detach partition {difference.on} finalize",),
            done=negated(_is_pending(difference.table)),
            locks=(difference.table,),
            needs=(owning(pending), owning(difference.table)),
        ),
    )


def belong(difference: Difference[Any]) -> tuple[Step, ...]:
    """Make it a part of the parent that is stated, and of no other."""
    old, new = difference.old, difference.new
    if new.shape.parent is None or old.kind not in {"table", "partitioned table"}:
        return ()
    was_partition, before = parents_of(old.shape.parent)
    partition, after = parents_of(new.shape.parent)
    place = place_of(new)
    if partition and (place is None or not _can_be_in(difference, place)):
        return ()
    steps: tuple[Step, ...] = ()
    if was_partition:
        # Concurrently, the old bounds would stay as a check, which other bounds may contradict.
        steps = (detached(difference, before[0], hazard=Hazard.DROP, beside=not partition),)
        before = ()
    elif old.partitioning.pending and not partition:
        steps = finished(difference)
    if partition and place is not None:
        kept = _inheriting(difference, before, ()) if before else ()
        return (*steps, *kept, *attached(difference, place))
    return (*steps, *(_inheriting(difference, before, after) if before != after else ()))


def _can_be_in(difference: Difference[Any], place: PartitionPlace) -> bool:
    """Whether the parent is, or will be, a partitioned table, as far as that is known."""
    there = difference.present["table"].get(place.parent)
    return there is None or there.kind == "partitioned table"


def _inheriting(difference: Difference[Any], before: tuple[Any, ...], after: tuple[Any, ...]) -> tuple[Step, ...]:
    """Inherit from these parents in this order, in one transaction; those that come first already stay."""
    kept = next((n for n in range(min(len(before), len(after)), -1, -1) if before[:n] == after[:n]), 0)
    gone, come = before[kept:], after[kept:]
    sql = [f"alter table {difference.on} no inherit {dotted(one)}" for one in gone]
    sql += [f"alter table {difference.on} inherit {dotted(one)}" for one in come]
    listed = ", ".join(map(dotted, after))
    lost = [one for one in gone if one not in after]
    return (
        Step(
            action=f"Let {difference.on} inherit from {listed or 'no table'}",
            ref=difference.ref,
            sql=tuple(sql),
            done=f"{_PARENTS_OF.format(relation(difference.table))} = {_oids(after)}",
            locks=(difference.table,),
            beside=(*gone, *come),
            requires=tuple(one for path in come for one in _requires(difference, path)),
            needs=(
                owning(difference.table),
                *(need for one in come for need in (*_there(difference, one), owning(one))),
            ),
            hazards=(Hazard.DROP,) if lost else (),
        ),
    )


def complete(difference: Difference[Any], create: Callable[[Difference[Any]], tuple[Step, ...]]) -> tuple[Step, ...]:
    """Create or attach the partitions that the contract lists, where each that is lacking has an entry of its own."""
    steps: list[Step] = []
    said, found = difference.new.partitioning.partitions or (), difference.old.partitioning.partitions or ()
    if not set(found) <= set(said):
        return ()
    for path in (one for one in said if one not in found):
        wanted, there = difference.wanted["table"].get(path), difference.present["table"].get(path)
        place = place_of(wanted) if wanted is not None else None
        if place is None or place.parent != difference.table:
            return ()
        one = replace(difference, ref=ObjectRef("table", path), expected=wanted, actual=there, printed=None)
        if there is None:
            steps += create(one)
        else:
            steps += belong(one)
    return tuple(steps)


# Conditions


def _requires(difference: Difference[Any], parent: ObjectPath) -> tuple[Any, ...]:
    return (present(ObjectRef("table", parent)),) if difference.wanted["table"].get(parent) is not None else ()


def _follows(difference: Difference[Any], parent: ObjectPath) -> tuple[Any, ...]:
    """That what the contract declares absent of the parent's other partitions is gone, whose bounds may overlap."""
    there = difference.present["table"].get(parent)
    others = there.partitioning.partitions or () if there is not None else ()
    wanted = difference.wanted["table"]
    return tuple(absent(ObjectRef("table", one)) for one in others if one in wanted and wanted[one] is None)


def _there(difference: Difference[Any], parent: ObjectPath) -> tuple[Need, ...]:
    """That a table which the contract does not have is there; the plan orders those that it has."""
    if _requires(difference, parent):
        return ()
    return (
        Need(
            f"({relation(parent)} is not null)",
            f"the table {dotted(parent)} does not exist",
            "Declare it in the contract.",
            whole=True,
        ),
    )


_PENDING = "coalesce(pg_catalog.to_jsonb(h) ->> 'inhdetachpending', 'false') = 'true'"
_PARENTS_OF = "array(select h.inhparent from pg_catalog.pg_inherits h where h.inhrelid = {} order by h.inhseqno)"


def _oids(paths: tuple[ObjectPath, ...]) -> str:
    return f"array[{', '.join(map(relation, paths))}]::pg_catalog.oid[]"


def _is_below(path: ObjectPath, parent: ObjectPath) -> str:
    return (
        f"exists (select from pg_catalog.pg_inherits h where h.inhrelid = {relation(path)}"
        f" and h.inhparent = {relation(parent)})"
    )


def _is_pending(path: ObjectPath) -> str:
    return f"exists (select from pg_catalog.pg_inherits h where h.inhrelid = {relation(path)} and {_PENDING})"


def is_partition(path: ObjectPath, parent: ObjectPath) -> str:
    """Whether a table is a partition of another one."""
    return (
        f"exists (select from pg_catalog.pg_inherits h where h.inhrelid = {relation(path)}"
        f" and h.inhparent = {relation(parent)} and not {_PENDING})"
    )
