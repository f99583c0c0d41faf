"""Where a partition belongs, and the conditions of being there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sessionaudit.core.cure import absent, present
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.step import Need
from sessionaudit.kinds.common.catalog_conditions import relation
from sessionaudit.kinds.table import partition_text
from sessionaudit.kinds.table.properties import parents_of

if TYPE_CHECKING:
    from sessionaudit.core.cure import Difference
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.step import Condition
    from sessionaudit.kinds.table.partition_text import Bound

_PENDING = "coalesce(pg_catalog.to_jsonb(h) ->> 'inhdetachpending', 'false') = 'true'"


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


def brought_first(difference: Difference[Any], parent: ObjectPath) -> tuple[Condition, ...]:
    """That a parent of the contract is there."""
    return (present(ObjectRef("table", parent)),) if difference.wanted["table"].get(parent) is not None else ()


def others_gone(difference: Difference[Any], parent: ObjectPath) -> tuple[Condition, ...]:
    """That what the contract declares absent of the parent's other partitions is gone, whose bounds may overlap."""
    there = difference.present["table"].get(parent)
    others = there.partitioning.partitions or () if there is not None else ()
    wanted = difference.wanted["table"]
    return tuple(absent(ObjectRef("table", one)) for one in others if one in wanted and wanted[one] is None)


def parent_there(difference: Difference[Any], parent: ObjectPath) -> tuple[Need, ...]:
    """That a table which the contract does not have is there; the plan orders those that it has."""
    if brought_first(difference, parent):
        return ()
    return (
        Need(
            f"({relation(parent)} is not null)",
            f"the table {dotted(parent)} does not exist",
            "Declare it in the contract.",
            whole=True,
        ),
    )


def is_below(path: ObjectPath, parent: ObjectPath) -> str:
    """Whether a table is a partition of another one, or is being detached from it."""
    return (
        f"exists (select from pg_catalog.pg_inherits h where h.inhrelid = {relation(path)}"
        f" and h.inhparent = {relation(parent)})"
    )


def is_pending(path: ObjectPath) -> str:
    """Whether a table is being detached."""
    return f"exists (select from pg_catalog.pg_inherits h where h.inhrelid = {relation(path)} and {_PENDING})"


def is_partition(path: ObjectPath, parent: ObjectPath) -> str:
    """Whether a table is a partition of another one."""
    return (
        f"exists (select from pg_catalog.pg_inherits h where h.inhrelid = {relation(path)}"
        f" and h.inhparent = {relation(parent)} and not {_PENDING})"
    )
