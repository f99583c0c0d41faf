"""The kind of a relation: a table unless the contract states otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute
from sessionaudit.core.node import ABSENT, Mapping, Node, Scalar, one_of

if TYPE_CHECKING:
    from sessionaudit.core.ref import ObjectRef

RULE = Rule(
    "SA226",
    "relation-kind",
    Severity.ERROR,
    "The kind of a relation differs from the contract: for example, a view has the name of a table.",
    "Writes to it fail or go elsewhere, and reads return something else. An entry without `kind` means a table, "
    "partitioned or not; a warning then asks to state the kind that exists, since a table would be created in its "
    "place if it were lost.",
    fix=(
        "If the database is right, state its `kind` in the contract. If not, rename what is there, run "
        "`sessionaudit repair --apply`, which creates the table, and copy the rows."
    ),
    otherwise=(
        "Where the contract does not state the kind: a warning, and a note for what is a table all the same, such as "
        "a partition."
    ),
)
_FACET = "kind"
TABLES = ("table", "partitioned table")
KINDS = (*TABLES, "partition", "view", "materialized view", "foreign table")


def read(found: Mapping) -> str | None:
    """What an entry of `tables:` says that it is; a view where it has triggers such as only a view can have."""
    fields: dict[str, Node] = {str(key): value for key, value in found.items()}
    said = fields.get("kind")
    if said is not None:
        return str(one_of(said, KINDS))
    if "partition_of" in fields:
        return "partition"
    if "partition_by" in fields:
        return "partitioned table"
    triggers = fields.get("triggers")
    definitions = [_definition(one) for one in triggers.values()] if isinstance(triggers, Mapping) else []
    return "view" if any(text.lower().split()[:2] == ["instead", "of"] for text in definitions) else None


def _definition(node: Node) -> str:
    if isinstance(node, Mapping):
        node = next((value for key, value in node.items() if key == "definition"), node)
    return str(node) if isinstance(node, Scalar) and node != ABSENT else ""


def same(expected: Any, actual: Any) -> bool:
    """Whether it is what is expected; a table may be partitioned, and where that is stated, a partition.

    Where its parent is stated, that facet tells whether it is a partition.
    """
    if expected.shape.parent is not None and actual.kind in TABLES and expected.kind in {None, "partition"}:
        return True
    if expected.kind == "partition":
        return bool(actual.attached)
    if expected.kind is None:
        return actual.kind in TABLES and not actual.attached
    return actual.kind == expected.kind or (expected.kind == "table" and actual.kind in TABLES)


def apart(expected: Any, actual: Any) -> str:
    """The facet by which it is something else than the contract states, so that nothing else need be looked at."""
    detached = expected.kind == "partition" and actual.kind in TABLES
    return _FACET if expected.kind is not None and not detached and not same(expected, actual) else ""


def severity(expected: Any, actual: Any) -> Severity:
    """A warning where the contract does not say what it is; a note where it is a table all the same."""
    if expected.kind is not None:
        return Severity.ERROR
    return Severity.NOTE if actual.kind in TABLES else Severity.WARNING


def message(ref: ObjectRef, expected: Any, actual: Any) -> str:
    """Say which kind it is, and what to do about it."""
    if actual.attached and expected.kind is None:
        return (
            f"{ref.dotted} is a partition, and the contract does not say so: if it were lost, a stand-alone table "
            "would be created in its place. State it: kind: partition."
        )
    if expected.kind == "partition" and actual.kind in TABLES:
        return f"{ref.dotted} is no longer a partition of any table: queries on the parent do not return its rows."
    if expected.kind is None:
        return (
            f"{ref.dotted} is a {actual.kind}, and an entry without `kind` means a table. If that is intended, state "
            f"it: kind: {actual.kind}."
        )
    return (
        f"{ref.dotted} is a {actual.kind}, expected a {expected.kind}: reads and writes do not do what the "
        "application expects. Its columns and other parts were not compared."
    )


def lacking(expected: Any, told: str) -> str:
    """What is `told` of a table that is missing, for any kind."""
    if expected.kind in {None, "table"}:
        return told
    word = str(expected.kind)
    if expected.partitioning.bound is not None or expected.partitioning.key is not None:
        return told.replace("The table ", f"The {word} ", 1)
    section = {"view": "views", "materialized view": "materialized_views"}.get(word)
    help_ = f" State its query under {section}:, so that it can be." if section else ""
    return (
        f"{told.replace('The table ', f'The {word} ', 1)} It cannot be created from the contract, which does not "
        f"define the {word} itself.{help_}"
    )


ATTRIBUTE: Attribute[Any] = Attribute(
    facet=_FACET,
    keys=(_FACET, "partition_by", "partition_of"),
    rule=RULE,
    fields=("kind",),
    show=lambda table: "partition" if table.attached else table.kind or "table",
    same=same,
    severity=severity,
    message=message,
)
