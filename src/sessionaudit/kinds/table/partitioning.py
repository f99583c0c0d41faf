"""Partitioning: the key of a partitioned table, its partitions, and the bounds of a partition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from sessionaudit.core.entries import qualified
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Form, Trial
from sessionaudit.core.node import Mapping, Node, NodeError, sequence, text
from sessionaudit.core.query import Sort
from sessionaudit.core.ref import dotted
from sessionaudit.kinds.common.stand_ins import TABLE
from sessionaudit.kinds.table import partition_text
from sessionaudit.sql.fragment import Fragment, FragmentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.core.ref import ObjectRef

    Pair = tuple[str, str]

KEY = Rule(
    "SA251",
    "partition-key",
    Severity.ERROR,
    "The partition key of a table differs from the contract.",
    "Rows are in other partitions than expected: a partition that is dropped or archived takes other rows with it, and "
    "queries read partitions that they could skip. PostgreSQL cannot alter the key: a new table must be filled.",
    "The table {object} is partitioned by {actual}, expected {expected}: rows are in other partitions than expected, "
    "and queries read partitions that they could skip.",
    fix=(
        "Every row moves to another partition, so a person must decide when: `sessionaudit repair` prints the steps "
        "to run by hand."
    ),
)
BOUNDS = Rule(
    "SA252",
    "partition-bounds",
    Severity.ERROR,
    "The bounds of a partition differ from the contract.",
    "Rows within the expected bounds go to another partition, or are rejected (23514, “no partition of relation "
    "found for row”). A partition that is dropped or archived takes other rows with it.",
    "The partition {object} holds rows {actual}, expected {expected}: other rows are rejected (23514) or are in other "
    "partitions.",
)
LISTED = Rule(
    "SA253",
    "partition-list",
    Severity.WARNING,
    "The partitions of a table differ from the list in the contract.",
    "Rows for which there is no partition are rejected (23514). A partition that nobody knows of is not maintained, "
    "and is forgotten when old rows are to be removed.",
    fix=(
        "Add the partition to the list in the contract, or detach it: `alter table PARENT detach partition "
        "PARTITION`. A partition that is listed and not there needs an entry of its own under `tables`: "
        "`sessionaudit repair` then creates it."
    ),
    otherwise="An error where a partition is missing.",
)
DETACHING = Rule(
    "SA254",
    "partition-detach-pending",
    Severity.ERROR,
    "Detaching a partition concurrently was interrupted.",
    "Queries on the parent no longer return its rows, and new rows within its bounds are rejected. No other "
    "partition of the table can be detached concurrently before this one is.",
)
KEYS = ("partition_by", "partition_of", "partitions")


class Partitioning(Struct, frozen=True):
    """What the contract says of partitioning; None where it says nothing.

    `key` is that of a partitioned table, `bound` that of a partition. `partitions` are all of a table. Of an actual
    one, `parent_key` is that of its parent, `default` the default partition of a table, `pending` the parent from which
    detaching it was not finished, `free` tells that it can be detached concurrently, and `seal` stands for its bounds
    in the catalog.
    """

    key: str | None = None
    bound: str | None = None
    partitions: tuple[Pair, ...] | None = None
    parent_key: str | None = None
    default: Pair | None = None
    pending: Pair | None = None
    free: bool = False
    seal: str = ""

    @property
    def compared_bound(self) -> str | None:
        """The bounds, the same for all spellings that certainly mean one thing."""
        return None if self.bound is None else partition_text.bound(self.bound).compared


UNSTATED = Partitioning()


def read(found: Mapping, schema: str) -> Partitioning:
    """Read these keys of an entry of `tables:`. Raises NodeError."""
    fields: dict[str, Node] = {str(key): value for key, value in found.items()}
    said, listed = fields.get("partition_by"), fields.get("partitions")
    return Partitioning(
        key=None if said is None else _key(said),
        bound=read_parent(fields["partition_of"], schema)[1] if "partition_of" in fields else None,
        partitions=None if listed is None else _listed(listed, schema),
    )


def _key(node: Node) -> str:
    said = text(node, "a partition key, such as: range (created_at)")
    try:
        return partition_text.key(str(said))
    except FragmentError as error:
        raise NodeError(str(error), node, error.hint, error.offset) from None


def read_parent(node: Node, schema: str) -> tuple[Pair, str | None]:
    """Read `parent`, or `parent for values …`: the parent, and the bounds if they are stated. Raises NodeError."""
    said = text(node, "a table, and the bounds: orders for values from (…) to (…)")
    try:
        fragment = Fragment(said)
        parent = fragment.qualified(schema, "a table")
        bound = None if fragment.done else partition_text.take_bound(fragment).sql
        fragment.end()
    except FragmentError as error:
        raise NodeError(str(error), node, error.hint, error.offset) from None
    return parent, bound


def _listed(node: Node, schema: str) -> tuple[Pair, ...]:
    if isinstance(node, Mapping):
        raise NodeError(
            "expected a list of partitions, found a mapping",
            node,
            "List their names; the bounds stand in the partition's own entry: partition_of: orders for values …",
        )
    found = [qualified(text(one, "a table"), schema) for one in sequence(node, "a list of partitions")]
    return tuple(sorted(set(found)))


def load(row: tuple[Any, ...]) -> Partitioning:
    """Make a Partitioning of the last columns of the catalog query."""
    key, bound, parent_key, partitions, default, pending, free, seal = row
    return Partitioning(
        key=None if key is None else partition_text.key(key),
        bound=None if bound is None else partition_text.bound(bound).sql,
        partitions=None if key is None else tuple(sorted(_pairs(partitions))),
        parent_key=parent_key,
        default=next(iter(_pairs(default)), None),
        pending=next(iter(_pairs(pending)), None),
        free=free,
        seal=seal,
    )


def _pairs(names: Sequence[str]) -> list[Pair]:
    return list(zip(names[::2], names[1::2], strict=True))


def spell(partitioning: Partitioning) -> dict[str, Any]:
    """These keys of the contract, but for `partition_of`, which begins with the parent."""
    listed = partitioning.partitions
    found = {"partition_by": partitioning.key, "partitions": None if listed is None else [*map(dotted, listed)]}
    return {key: value for key, value in found.items() if value is not None}


# How they compare

_SOURCE = 'pg_temp."the columns of a stand-in"'


def _set_up_key(expected: Any, on: str, _name: str) -> Sequence[str]:
    return (
        f'alter table {on} rename to "the columns of a stand-in"',
        f"create temporary table {on} (like {_SOURCE}) partition by {expected.partitioning.key}",
    )


def _set_up_bound(expected: Any, on: str, _name: str) -> Sequence[str]:
    said = expected.partitioning
    return (
        f"create temporary table {_SOURCE} (like {on}) partition by {said.parent_key}",
        f"drop table {on}",
        f"create temporary table {on} partition of {_SOURCE} {said.bound}",
    )


def _with_parent(expected: Any, actual: Any) -> Any:
    said = replace(expected.partitioning, parent_key=actual.partitioning.parent_key)
    return replace(expected, partitioning=said)


def _same_key(expected: Any, actual: Any) -> bool | None:
    key, found = expected.partitioning.key, actual.partitioning.key
    return True if key is None or key == found else False if found is None else None


def _same_bound(expected: Any, actual: Any) -> bool | None:
    bound, found = expected.partitioning.compared_bound, actual.partitioning.compared_bound
    # Of a partition of another table they need not be compared.
    if bound is None or found is None or bound == found or expected.shape.parent != actual.shape.parent:
        return True
    return False if {bound, found} & {partition_text.DEFAULT} else None


def _same_list(expected: Any, actual: Any) -> bool:
    said, found = expected.partitioning.partitions, actual.partitioning.partitions
    return said is None or found is None or said == found


def _list_severity(expected: Any, actual: Any) -> Severity:
    said, found = expected.partitioning.partitions or (), actual.partitioning.partitions or ()
    return Severity.ERROR if set(said) - set(found) else Severity.WARNING


def _list_message(ref: ObjectRef, expected: Any, actual: Any) -> str:
    said, found = expected.partitioning.partitions or (), actual.partitioning.partitions or ()
    lacking = ", ".join(dotted(one) for one in said if one not in found)
    unasked = ", ".join(dotted(one) for one in found if one not in said)
    told = [f"lacks the partitions {lacking}: their rows are rejected (23514), or are in other partitions"] * bool(
        lacking
    )
    told += [f"has the partitions {unasked}, which the contract does not list"] * bool(unasked)
    return f"The table {ref.dotted} {', and '.join(told)}."


def _pending_message(ref: ObjectRef, _expected: Any, actual: Any) -> str:
    parent = dotted(actual.partitioning.pending)
    return (
        f"Detaching {ref.dotted} from {parent} was interrupted: queries on {parent} do not return its rows, and rows "
        "of its bounds are rejected."
    )


_BOUND_OF_STAND_IN = """
    select pg_catalog.pg_get_expr(c.relpartbound, c.oid)
      from pg_catalog.pg_class c
     where c.oid = %(on)s::pg_catalog.regclass"""

ATTRIBUTES: tuple[Attribute[Any], ...] = (
    Attribute(
        facet="partition_by",
        rule=KEY,
        fields=("partitioning",),
        show=lambda table: table.partitioning.key,
        same=_same_key,
        form=Form(
            text=lambda table: table.partitioning.key,
            sort=Sort.INDEX,
            wrap=lambda sql: f"create index i on t using {sql}",
            trial=Trial(
                setup=_set_up_key,
                read="select pg_catalog.pg_get_partkeydef(%(on)s::pg_catalog.regclass)",
                pick=partition_text.key,
                stand_in=TABLE,
            ),
        ),
    ),
    Attribute(
        facet="bounds",
        keys=("partition_of",),
        rule=BOUNDS,
        fields=("partitioning",),
        show=lambda table: table.partitioning.bound,
        same=_same_bound,
        form=Form(
            text=lambda table: table.partitioning.compared_bound,
            sort=None,
            wrap=None,
            trial=Trial(
                setup=_set_up_bound,
                read=_BOUND_OF_STAND_IN,
                pick=lambda printed: partition_text.bound(printed).compared,
                stand_in=TABLE,
                complete=_with_parent,
            ),
        ),
    ),
    Attribute(
        facet="listed",
        keys=("partitions",),
        rule=LISTED,
        fields=("partitioning",),
        show=lambda table: _words(table.partitioning.partitions),
        same=_same_list,
        severity=_list_severity,
        message=_list_message,
    ),
    Attribute(
        facet="detaching",
        rule=DETACHING,
        fields=("partitioning",),
        show=lambda table: (
            f"detach from {dotted(table.partitioning.pending)} pending" if table.partitioning.pending else "not pending"
        ),
        same=lambda _expected, actual: actual.partitioning.pending is None,
        message=_pending_message,
        unstated=lambda table: table.partitioning.pending is not None,
    ),
)


def _words(listed: tuple[Pair, ...] | None) -> str | None:
    return None if listed is None else f"[{', '.join(map(dotted, listed))}]"


SCHEMA: dict[str, Any] = {
    "partition_by": {"type": "string", "description": "What follows PARTITION BY in CREATE TABLE: range (created_at)."},
    "partition_of": {
        "type": "string",
        "description": "The partitioned table of which it is a partition, and its bounds: orders for values in ('a').",
    },
    "partitions": {"type": "array", "items": {"type": "string"}, "description": "All partitions of the table."},
}
