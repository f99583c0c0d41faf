"""An index of a partitioned table that is not valid, as partitions lack it: theirs are built, and attached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.core.cure import fitting, present, spare, valid
from sessionaudit.core.ref import dotted
from sessionaudit.core.step import Debris, Hazard, LockLevel, Step
from sessionaudit.kinds.common.catalog_conditions import index_is, relation
from sessionaudit.kinds.common.holder import partitioned
from sessionaudit.kinds.common.obstacle_queries import DEBRIS
from sessionaudit.kinds.common.rights import creating_in, owning
from sessionaudit.sql.equality import same_meaning
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from sessionaudit.core.cure import Difference
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.kinds.index.model import Index, Lacking


def can_be_completed(difference: Difference[Index]) -> bool:
    """Whether the index is as expected, and only partitions that are not partitioned themselves lack theirs."""
    old, new = difference.old, difference.new
    if old.valid or not old.lacking or not partitioned(difference) or old.unique != new.unique:
        return False
    return not any(one.partitioned for one in old.lacking) and same_meaning(
        new.definition,
        old.definition,
        wrap=lambda sql: f"create index i on t using {sql}",
        schema=difference.schema,
        shadowed=lambda _names: True,
    )


def completed(difference: Difference[Index]) -> tuple[Step, ...]:
    """Build what partitions lack while others write, and attach each; with the last one the index becomes valid."""
    steps: list[Step] = []
    for one in difference.old.lacking:
        path = (*one.path, one.candidate or _name(difference, one))
        if not one.candidate:
            steps.append(_built(difference, path))
        steps.append(_attached(difference, path))
    ref = difference.ref
    steps[-1] = replace(steps[-1], provides=(present(ref), valid(ref), fitting(ref)))
    return tuple(steps)


def _name(difference: Difference[Index], partition: Lacking) -> str:
    name = f"{partition.path[1]}_{difference.ref.path[2]}"
    fits = len(name.encode()) <= 63  # bytes, PostgreSQL's limit
    return name if fits and partition.free else spare(name, dotted(difference.ref.path))


def _built(difference: Difference[Index], path: ObjectPath) -> Step:
    index = difference.new
    create = f"create {'unique ' if index.unique else ''}index"
    body = f"{quoted(path[2])} on {dotted(path[:2])} using {index.definition}"
    return Step(
        action=f"Build the part of the index {difference.ref.dotted} on {dotted(path[:2])} concurrently",
        ref=difference.ref,
        sql=(f"{create} concurrently {body}",),
        plain=(f"{create} {body}",),
        done=index_is(path, "i.indisvalid"),
        lock=LockLevel.SHARE_UPDATE_EXCLUSIVE,
        locks=(path[:2],),
        reads=(index.definition,),
        needs=(owning(path), creating_in(path[0])),
        hazards=(Hazard.SCAN,),
        concurrent=True,
        debris=Debris(index_is(path, DEBRIS), f"drop index concurrently {dotted((path[0], path[2]))}"),
        timeout=None,
    )


def _attached(difference: Difference[Index], path: ObjectPath) -> Step:
    ref = difference.ref
    whole, part = dotted((ref.path[0], ref.path[2])), dotted((path[0], path[2]))
    return Step(
        action=f"Attach {part} to the index {ref.dotted}",
        ref=ref,
        sql=(f"alter index {whole} attach partition {part}",),
        done=(
            "exists (select from pg_catalog.pg_inherits h"
            f" where h.inhrelid = {relation((path[0], path[2]))}"
            f" and h.inhparent = {relation((ref.path[0], ref.path[2]))})"
        ),
        locks=(path[:2],),
        beside=(difference.table,),
        needs=(owning(ref.path), owning(path)),
    )
