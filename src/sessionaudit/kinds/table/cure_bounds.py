"""Other bounds for partitions: those of one table are detached and attached again in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec.structs import replace

from sessionaudit.core.cure import valid
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.step import Hazard, Obstacle, Step
from sessionaudit.kinds.common.catalog_conditions import relation
from sessionaudit.kinds.table import partition_text
from sessionaudit.kinds.table.cure_attaching import attaching
from sessionaudit.kinds.table.kept_triggers import remembered, restored
from sessionaudit.kinds.table.partition_place import others_gone, place_of
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessionaudit.core.cure import Difference
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.kinds.table.partition_place import PartitionPlace


class _Move(NamedTuple):
    difference: Difference[Any]
    place: PartitionPlace

    @property
    def done(self) -> str:
        """That it has other bounds than those that were seen."""
        return (
            f"exists (select from pg_catalog.pg_class c where c.oid = {relation(self.difference.table)}"
            " and c.relispartition and pg_catalog.md5(c.relpartbound::text)"
            f" <> {literal(self.difference.old.partitioning.seal)})"
        )


def rebound(difference: Difference[Any]) -> tuple[Step, ...]:
    """Give a partition its expected bounds, together with all others of the table whose bounds differ.

    One may get what another leaves. There is no cure where the contract wants another key for the table.
    """
    place = place_of(difference.new)
    if place is None or difference.old.shape.parent != difference.new.shape.parent:
        return ()
    parent = place.parent
    wanted, there = (of["table"].get(parent) for of in (difference.wanted, difference.present))
    key = None if wanted is None else wanted.partitioning.key
    if there is None or key not in {None, there.partitioning.key}:
        return ()
    moves = [_Move(difference, place), *_others(difference, place, there.partitioning.partitions or ())]
    # The default partition comes last: it may have no row of the others.
    moves.sort(key=lambda move: (move.place.bound.sort == partition_text.DEFAULT, move.difference.table))
    empty = there.partitioning.default in {move.difference.table for move in moves}
    hows = [
        attaching(one, where, _Move(one, where).done, fresh=False, shaped=True, empty=empty) for one, where in moves
    ]
    listed = ", ".join(move.difference.on for move in moves)
    scanned = any(how.scanned for how in hows)
    step = Step(
        action=f"Detach {listed} from {dotted(parent)}, and attach with the expected bounds",
        ref=ObjectRef("table", parent),
        sql=(
            remembered(move.difference.table for move in moves),
            *(f"alter table {dotted(parent)} detach partition {move.difference.on}" for move in moves),
            *(statement for how in hows for statement in how.sql),
            restored(),
        ),
        done=f"({' and '.join(move.done for move in moves)})",
        locks=tuple(dict.fromkeys((parent, *(path for how in hows for path in how.locks)))),
        provides=(valid(ObjectRef("table", parent)),),
        requires=tuple(dict.fromkeys(one for how in hows for one in how.requires)),
        follows=others_gone(difference, parent),
        needs=tuple(dict.fromkeys(one for how in hows for one in how.needs)),
        hazards=(Hazard.DROP, *((Hazard.REWRITE,) if scanned else ())),
        obstacle=next((how.obstacle for how in hows if how.obstacle), None),
        timeout=None if scanned else 10.0,
    )
    first, *rest = (*(one for how in hows for one in how.helpers), step)
    # What is in the way of one is in the way of all; no check must stay that was added for the others.
    in_the_way = _referred(difference, parent, moves) or _united([one.obstacle for one in (first, *rest)], parent)
    return (replace(first, obstacle=in_the_way), *rest)


def _united(obstacles: Iterable[Obstacle | None], parent: ObjectPath) -> Obstacle | None:
    """The rows in the way of any; they have the same key, for they are all of partitions of one table."""
    found = list(dict.fromkeys(one for one in obstacles if one is not None))
    if not found:
        return None
    queries = dict.fromkeys(one.rows for one in found)
    if len(queries) == 1:
        return found[0]
    return replace(
        found[0],
        rows=" union all ".join(queries),
        what=f"are in the way of the bounds of partitions of {dotted(parent)}",
    )


def _referred(difference: Difference[Any], parent: ObjectPath, moves: list[_Move]) -> Obstacle | None:
    """The foreign keys with rows that refer to rows of the partitions: PostgreSQL does not let these go."""
    queries = [
        f"select null as key, {literal(quoted(path[2]))} as name, {literal(dotted(path[:2]))} as of"
        f" where exists (select from {dotted(path[:2])} f join {move.difference.on} p on"
        f" {' and '.join(f'p.{quoted(to)} = f.{quoted(own)}' for own, to in pairs)})"
        for path, key in difference.present["foreign_key"].items()
        if key.target == parent
        for move in moves
        if (pairs := list(zip(key.columns, key.target_columns, strict=True)))
    ]
    if not queries:
        return None
    return Obstacle(
        rows=" union ".join(queries),
        what=f"refer to rows of partitions of {dotted(parent)}, which can then not be detached",
        hint="Drop the foreign keys, and repair again: what the contract has of them is added afterwards.",
    )


def _others(difference: Difference[Any], place: PartitionPlace, partitions: tuple[ObjectPath, ...]) -> Iterator[_Move]:
    for path in partitions:
        found, wanted = difference.present["table"].get(path), difference.wanted["table"].get(path)
        other = None if wanted is None else place_of(wanted)
        if path == difference.table or found is None or wanted is None or other is None:
            continue
        if other.parent == place.parent and wanted.partitioning.compared_bound != found.partitioning.compared_bound:
            ref = ObjectRef("table", path)
            yield _Move(replace(difference, ref=ref, expected=wanted, actual=found, printed=None), other)
