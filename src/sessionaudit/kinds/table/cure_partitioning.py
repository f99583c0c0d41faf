"""Cures for partitioning: partitions are created, attached without a scan where that can be proven, and detached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.step import Hazard, Step
from sessionaudit.kinds.common.catalog_conditions import relation
from sessionaudit.kinds.common.rights import owning
from sessionaudit.kinds.table.cure_attaching import attached
from sessionaudit.kinds.table.cure_detaching import detached, finished
from sessionaudit.kinds.table.partition_place import brought_first, parent_there, place_of
from sessionaudit.kinds.table.properties import parents_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessionaudit.core.cure import Difference
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.kinds.table.partition_place import PartitionPlace

_LIKE = "including defaults including generated including storage including constraints"


def of_parent(difference: Difference[Any], place: PartitionPlace, columns: set[str]) -> str | None:
    """What follows the name in CREATE TABLE of a new table that is to be attached; None where the parent lacks columns.

    It has all that a partition must have before it is attached; the rest it gets then.
    """
    others = difference.of_table("column", place.parent)
    if others and not columns <= {path[2] for path in others}:
        return None
    return f"(like {dotted(place.parent)} {_LIKE})"


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
            requires=tuple(one for path in come for one in brought_first(difference, path)),
            needs=(
                owning(difference.table),
                *(need for one in come for need in (*parent_there(difference, one), owning(one))),
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


_PARENTS_OF = "array(select h.inhparent from pg_catalog.pg_inherits h where h.inhrelid = {} order by h.inhseqno)"


def _oids(paths: tuple[ObjectPath, ...]) -> str:
    return f"array[{', '.join(map(relation, paths))}]::pg_catalog.oid[]"
