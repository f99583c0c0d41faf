"""Cures for partitioning: partitions are detached, beside the traffic where PostgreSQL can."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.cure import negated
from sessionaudit.core.ref import dotted
from sessionaudit.core.step import Debris, Hazard, Step
from sessionaudit.kinds.common.rights import owning
from sessionaudit.kinds.table.partition_place import is_below, is_pending

if TYPE_CHECKING:
    from sessionaudit.core.cure import Difference
    from sessionaudit.core.kind import ObjectPath


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
        done=negated(is_below(difference.table, parent)),
        locks=(difference.table,) if concurrent else (parent, difference.table),
        beside=(parent,) if concurrent else (),
        needs=(owning(parent), owning(difference.table)),
        hazards=(hazard,),
        concurrent=concurrent,
        debris=Debris(is_pending(difference.table), f"{plain} finalize") if concurrent else None,
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
            done=negated(is_pending(difference.table)),
            locks=(difference.table,),
            needs=(owning(pending), owning(difference.table)),
        ),
    )
