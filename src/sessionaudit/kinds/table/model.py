"""Tables, partitioned tables and views: existence, owner, row security."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sessionaudit.core.compared import Compared
from sessionaudit.core.node import ABSENT, Mapping, Node, mapping, one_of, text
from sessionaudit.core.ref import ObjectRef
from sessionaudit.kinds.table import partitioning, properties, relation_kind, storage
from sessionaudit.kinds.table.partitioning import UNSTATED as NOTHING
from sessionaudit.kinds.table.properties import UNSTATED, Shape

if TYPE_CHECKING:
    from sessionaudit.kinds.table.partitioning import Partitioning
    from sessionaudit.kinds.table.storage import Storage


class Table(Compared, frozen=True, kw_only=True):
    """A relation with columns. None where the contract says nothing of it.

    `row_security` is IMPLIED or one of STATES; `kind` tells what it is, in SQL's words, or
    `partition` of an expected one; `attached` of a real one that it is a partition. `columnless` tells that the
    contract states that it has no columns. `shape`, `partitioning` and `storage` tell what else.
    """

    aside: ClassVar = frozenset({"attached", "columnless"})

    row_security: str | None
    owner: str | None
    kind: str | None = None
    attached: bool = False
    columnless: bool = False
    shape: Shape = UNSTATED
    partitioning: Partitioning = NOTHING
    storage: Storage = storage.UNSTATED


IMPLIED = "enabled, as there are policies"
STATES = ("enabled", "forced", "disabled", "disabled but forced")
OFF = {"disabled", "disabled but forced"}


def read(node: Node, schema: str) -> Table:
    """Read the table's own keys of an entry of `tables:`."""
    found = mapping(node, "a mapping with columns, constraints and so on")
    by_word = {str(key): value for key, value in found.items()}
    state = by_word.get("row_security")
    owner = by_word.get("owner")
    policies = by_word.get("policies")
    wanted = isinstance(policies, Mapping) and any(policy != ABSENT for policy in policies.values())
    implied = IMPLIED if wanted else None  # without it, the policies would do nothing
    columns = by_word.get("columns")
    return Table(
        columnless=isinstance(columns, Mapping) and not columns,
        row_security=implied if state is None else one_of(state, STATES),
        owner=None if owner is None else str(text(owner, "a role")),
        kind=relation_kind.read(found),
        shape=properties.read(found, schema),
        partitioning=partitioning.read(found, schema),
        storage=storage.read(found),
    )


def condensed(table: Table) -> dict[str, Any]:
    """What is worth saying of a table: not its owner, nor what every table has."""
    usual: dict[str, Any] = {"persistence": "permanent", "replica_identity": "default", "inherits": []}
    usual["owner"] = table.owner
    if table.kind in {"view", "materialized view", "foreign table"}:
        usual["row_security"] = "disabled"
    return {key: value for key, value in brief(table).items() if key not in usual or value != usual[key]}


def refers(table: Table) -> list[ObjectRef]:
    """The tables of which it is a partition, or from which it inherits."""
    parents = properties.parents_of(table.shape.parent)[1] if table.shape.parent else ()
    return [ObjectRef("table", parent) for parent in parents]


def goes_with(table: Table) -> list[ObjectRef]:
    """The table of which a real one is a partition."""
    return refers(table) if table.attached else []


def spell(table: Table) -> dict[str, Any]:
    """The table's own keys in the contract."""
    shape, parts = properties.spell(table.shape), partitioning.spell(table.partitioning)
    if "partition_of" in shape and table.partitioning.bound is not None:
        shape["partition_of"] += f" {table.partitioning.bound}"
    said = {"partition_of", "partition_by"} & {*shape, *parts}  # what says by itself which kind it is
    kind = None if said or table.kind == "table" else table.kind
    found = {
        "kind": "partition" if table.attached and not said else kind,
        "row_security": table.row_security,
        "owner": table.owner,
    }
    own = {key: value for key, value in found.items() if value is not None and value != IMPLIED}
    return {**own, **parts, **shape, **storage.spell(table.storage)}


def brief(table: Table) -> dict[str, Any]:
    """The same without how every table is stored, and without its partitions, each of which has an entry of its own."""
    usual: dict[str, Any] = {"access_method": "heap", "with": {}}
    said = {key: value for key, value in spell(table).items() if key != "partitions"}
    return {key: value for key, value in said.items() if key not in usual or value != usual[key]}
