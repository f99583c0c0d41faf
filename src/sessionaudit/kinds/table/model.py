"""Tables, partitioned tables and views: existence, owner, row security."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sessionaudit.core.node import ABSENT, Mapping, Node, mapping, one_of, text
from sessionaudit.kinds.table import properties, relation_kind
from sessionaudit.kinds.table.properties import UNSTATED, Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A relation with columns. None where the contract says nothing of it.

    `row_security` is IMPLIED or one of STATES; `kind` tells what it is, in SQL's words, or
    `partition` of an expected one; `attached` of a real one that it is a partition. `columnless` tells that the
    contract states that it has no columns. `shape` tells what else.
    """

    row_security: str | None
    owner: str | None
    kind: str | None = None
    attached: bool = field(default=False, compare=False)
    columnless: bool = field(default=False, compare=False)
    shape: Shape = UNSTATED


IMPLIED = "enabled, as there are policies"
STATES = ("enabled", "forced", "disabled", "disabled but forced")
OFF = {"disabled", "disabled but forced"}


def read(node: Node, schema: str) -> Table:
    """Read the table's own keys of an entry of `tables:`."""
    found = mapping(node, "a mapping with columns, constraints and so on")
    state = found.get("row_security")  # type: ignore[call-overload]
    owner = found.get("owner")  # type: ignore[call-overload]
    policies = found.get("policies")  # type: ignore[call-overload]
    wanted = isinstance(policies, Mapping) and any(policy != ABSENT for policy in policies.values())
    implied = IMPLIED if wanted else None  # without it, the policies would do nothing
    columns = found.get("columns")  # type: ignore[call-overload]
    return Table(
        columnless=isinstance(columns, Mapping) and not columns,
        row_security=implied if state is None else one_of(state, STATES),
        owner=None if owner is None else str(text(owner, "a role")),
        kind=relation_kind.read(found),
        shape=properties.read(found, schema),
    )


def condensed(table: Table) -> dict[str, Any]:
    """What is worth saying of a table: not its owner, nor what every table has."""
    usual: dict[str, Any] = {"persistence": "permanent", "replica_identity": "default", "inherits": []}
    usual["owner"] = table.owner
    if table.kind in {"view", "materialized view", "foreign table"}:
        usual["row_security"] = "disabled"
    return {key: value for key, value in spell(table).items() if key not in usual or value != usual[key]}


def spell(table: Table) -> dict[str, Any]:
    """The table's own keys in the contract."""
    kind = "partition" if table.attached else None if table.kind == "table" else table.kind
    found = {"kind": kind, "row_security": table.row_security, "owner": table.owner}
    own = {key: value for key, value in found.items() if value is not None and value != IMPLIED}
    return {**own, **properties.spell(table.shape)}
