"""Other properties of a table or view: persistence, replica identity, parent, a view's options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from sessionaudit.core.entries import qualified
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute
from sessionaudit.core.node import Mapping, Node, NodeError, close, nearest, one_of, sequence, text
from sessionaudit.core.ref import dotted
from sessionaudit.kinds.table.partitioning import read_parent
from sessionaudit.sql.fragment import Fragment, FragmentError
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from sessionaudit.core.ref import ObjectRef

PERSISTENCE = Rule(
    "SA223",
    "table-persistence",
    Severity.WARNING,
    "A table is UNLOGGED and the contract states that it is permanent, or the other way round.",
    "An unlogged table is empty after a crash of the server, and replicas and subscribers never have its rows.",
)
IDENTITY = Rule(
    "SA224",
    "replica-identity",
    Severity.WARNING,
    "The replica identity of a table differs from the contract.",
    "Subscribers receive less of the old row than they expect (realtime filters on it), or every change writes more "
    "WAL.",
    "The replica identity of {object} is {actual}, expected {expected}: subscribers receive other columns of old rows.",
)
PARENT = Rule(
    "SA225",
    "table-parent",
    Severity.ERROR,
    "The parent of a table (partitioning or inheritance) differs from the contract.",
    "Queries on the expected parent do not return its rows, or queries on another table do.",
    "The table {object} is {actual}, expected {expected}: queries on the parent miss its rows, or return rows that "
    "they should not.",
)
PARTITIONS = Rule(
    "SA503",
    "partition-row-security",
    Severity.ERROR,
    "Row security is on for a table as the contract states, but not for its partitions or child tables.",
    "Policies of the parent apply only to queries on the parent. A role with a privilege on a partition itself sees "
    "and changes all of its rows. If no role has one, this is a note.",
)
OPTIONS = Rule(
    "SA504",
    "view-options",
    Severity.ERROR,
    "The options of a view differ from the contract.",
    "Without security_invoker it shows rows that row security hides from its reader; without security_barrier a "
    "function in a query can see rows before they are filtered; without a check option, rows can be written that it "
    "does not show.",
    "The view {object} has the options {actual}, expected {expected}: its readers may see rows that should be "
    "hidden, or may write rows that the view does not show.",
)
SEEN_THROUGH = Rule(
    "SA505",
    "view-past-row-security",
    Severity.WARNING,
    "A view shows rows that row security hides, and the contract does not state that.",
    "A view without security_invoker reads its tables as its owner, who bypasses their policies: every role that "
    "may read the view sees all of its rows.",
    fix=(
        "Run `alter view NAME set (security_invoker = true)` (PostgreSQL 15 and later), and state `options: "
        "[security_invoker]` in the contract. If every reader of the view may see every row, state `options: []`."
    ),
)

IDENTITIES = ("default", "full", "nothing")
VIEW_OPTIONS = ("security_invoker", "security_barrier", "local check option", "cascaded check option")
KEYS = ("persistence", "replica_identity", "inherits", "options")
NO_PARENT = "a part of no other table"
UNLOGGED_IN = "unlogged in "
_PARTITION, _INHERITING = "a partition of ", "inheriting "


class Shape(Struct, frozen=True):
    """What the contract says beside the columns; None where it says nothing.

    `persistence` is `permanent`, `unlogged` or, of an actual one, `unlogged in` some partitions. `parent` is
    NO_PARENT, or begins with `a partition of` or `inheriting`. Of an actual one, `unguarded` are
    the partitions and child tables without row security, `reachable` those of them that somebody but
    the owner has a grant on, and `shown` the tables with row security that a view shows to others all the same.
    """

    persistence: str | None = None
    replica_identity: str | None = None
    parent: str | None = None
    options: tuple[str, ...] | None = None
    unguarded: tuple[str, ...] = ()
    reachable: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()


UNSTATED = Shape()


def read(found: Mapping, schema: str) -> Shape:
    """Read these keys of an entry of `tables:`. Raises NodeError."""
    fields: dict[str, Node] = {str(key): value for key, value in found.items()}
    persistence = fields.get("persistence")
    identity = fields.get("replica_identity")
    options = fields.get("options")
    return Shape(
        persistence=None if persistence is None else one_of(persistence, ("permanent", "unlogged")),
        replica_identity=None if identity is None else _identity(identity),
        parent=_parent(fields, schema),
        options=None if options is None else options_of_view(options),
    )


def _identity(node: Node) -> str:
    said = text(node, "a replica identity")
    if said in IDENTITIES:
        return str(said)
    try:
        fragment = Fragment(said)
        if fragment.accept("index"):
            name = fragment.name("an index")
            fragment.end()
            return f"index {quoted(name)}"
    except FragmentError as error:
        raise NodeError(str(error), node, error.hint, error.offset) from None
    raise NodeError(f"expected default, full, nothing, or index NAME; found “{said}”", node, close(said, IDENTITIES))


def _parent(fields: dict[str, Node], schema: str) -> str | None:
    if "partition_of" in fields:
        if "inherits" in fields:
            raise NodeError("a table is a partition or inherits, not both", fields["inherits"])
        return partition_of([read_parent(fields["partition_of"], schema)[0]])
    if "inherits" not in fields:
        return None
    return inheriting([qualified(text(one, "a table"), schema) for one in sequence(fields["inherits"], "a list")])


def partition_of(parents: list[tuple[str, str]]) -> str:
    """The words for a partition of a table."""
    return f"{_PARTITION}{dotted(parents[0])}"


def inheriting(parents: list[tuple[str, str]]) -> str:
    """The words for a table that inherits from others, in their order."""
    return f"{_INHERITING}{', '.join(map(dotted, parents))}" if parents else NO_PARENT


def options_of_view(node: Node) -> tuple[str, ...]:
    """Read the options of a view. Raises NodeError."""
    found = [" ".join(text(one, "an option").lower().split()) for one in sequence(node, "a list of a view's options")]
    for word in found:
        if word not in VIEW_OPTIONS:
            raise NodeError(f"unknown option of a view “{word}”", node, nearest(word, VIEW_OPTIONS))
    return tuple(sorted(found))


def load(row: tuple[Any, ...]) -> Shape:
    """Make a Shape of the last columns of the catalog query."""
    persistence, unlogged, identity, partition, parents, options, unguarded, reachable, shown = row
    pairs = list(zip(parents[::2], parents[1::2], strict=True))
    return Shape(
        persistence=f"{UNLOGGED_IN}{', '.join(unlogged)}" if unlogged else persistence,
        replica_identity=identity,
        parent=partition_of(pairs) if partition and pairs else inheriting(pairs),
        options=None if options is None else tuple(sorted(options)),
        unguarded=tuple(unguarded),
        reachable=tuple(reachable),
        shown=tuple(shown),
    )


def parents_of(parent: str) -> tuple[bool, tuple[tuple[str, str], ...]]:
    """What the words for a parent mean: whether it is that of a partition, and which tables."""
    if parent == NO_PARENT:
        return False, ()
    return parent.startswith(_PARTITION), named(parent.removeprefix(_PARTITION).removeprefix(_INHERITING))


def named(listed: str) -> tuple[tuple[str, str], ...]:
    """The tables of a list of names with their schemas, as SQL spells them."""
    names = Fragment(listed)
    found = [names.qualified("")]
    while names.accept(","):
        found.append(names.qualified(""))
    return tuple(found)


def spell(shape: Shape) -> dict[str, Any]:
    """These keys of the contract."""
    found: dict[str, Any] = {"replica_identity": shape.replica_identity}
    if shape.persistence in {"permanent", "unlogged"}:
        found["persistence"] = shape.persistence
    if shape.parent is not None:
        partition, parents = parents_of(shape.parent)
        names = [*map(dotted, parents)]
        found |= {"partition_of": names[0]} if partition else {"inherits": names}
    if shape.options is not None:
        found["options"] = list(shape.options)
    return {key: value for key, value in found.items() if value is not None}


# How they compare


def _same_persistence(expected: Any, actual: Any) -> bool:
    return (expected.shape.persistence or "permanent") == (actual.shape.persistence or "permanent")


def _persistence_message(ref: ObjectRef, _expected: Any, actual: Any) -> str:
    found = actual.shape.persistence
    if found == "permanent":
        return f"The table {ref.dotted} is logged, and should be unlogged: writing to it takes longer."
    return (
        f"The table {ref.dotted} is {found}: after a crash of the server its rows there are gone, and replicas never "
        "have them."
    )


def _guarded(expected: Any) -> bool:
    return expected.row_security not in {None, "disabled", "disabled but forced"}


def _partitions_message(ref: ObjectRef, _expected: Any, actual: Any) -> str:
    found = actual.shape.reachable or actual.shape.unguarded
    names = ", ".join(found)
    if not actual.shape.reachable:
        return (
            f"Row security of {ref.dotted} is not on for {names}, on which no role but the owner has a privilege yet."
        )
    return (
        f"Row security of {ref.dotted} is not on for {names}: a role with a privilege there sees and changes all of "
        "its rows, whatever the policies of the parent."
    )


def _words(options: tuple[str, ...] | None) -> str | None:
    return None if options is None else f"[{', '.join(options)}]"


def _seen_message(ref: ObjectRef, _expected: Any, actual: Any) -> str:
    return (
        f"The view {ref.dotted} reads {', '.join(actual.shape.shown)} as its owner, who bypasses row security there: "
        "every role that may read the view sees every row."
    )


ATTRIBUTES: tuple[Attribute[Any], ...] = (
    Attribute(
        facet="partitions",
        rule=PARTITIONS,
        fields=("shape",),
        show=lambda table: (
            f"not on for {', '.join(table.shape.unguarded)}" if table.shape.unguarded else "row security on each"
        ),
        same=lambda expected, actual: not (_guarded(expected) and actual.shape.unguarded),
        severity=lambda _expected, actual: Severity.ERROR if actual.shape.reachable else Severity.NOTE,
        message=_partitions_message,
        unstated=lambda table: bool(table.shape.unguarded),
    ),
    Attribute(
        facet="persistence",
        rule=PERSISTENCE,
        fields=("shape",),
        show=lambda table: table.shape.persistence or "permanent",
        same=_same_persistence,
        message=_persistence_message,
        unstated=lambda table: table.shape.persistence not in {"permanent", "unlogged"},
    ),
    Attribute(
        facet="replica_identity",
        rule=IDENTITY,
        fields=("shape",),
        show=lambda table: table.shape.replica_identity,
        same=lambda expected, actual: expected.shape.replica_identity in {None, actual.shape.replica_identity},
    ),
    Attribute(
        facet="parent",
        keys=("partition_of", "inherits"),
        rule=PARENT,
        fields=("shape",),
        show=lambda table: table.shape.parent,
        same=lambda expected, actual: expected.shape.parent in {None, actual.shape.parent},
    ),
    Attribute(
        facet="options",
        rule=OPTIONS,
        fields=("shape",),
        show=lambda table: _words(table.shape.options),
        same=lambda expected, actual: expected.shape.options in {None, actual.shape.options},
    ),
    Attribute(
        facet="shown",
        rule=SEEN_THROUGH,
        fields=("shape",),
        show=lambda table: ", ".join(table.shape.shown) or "as its reader",
        same=lambda expected, actual: expected.shape.options is not None or not actual.shape.shown,
        message=_seen_message,
    ),
)

SCHEMA: dict[str, Any] = {
    "persistence": {"enum": ["permanent", "unlogged"]},
    "replica_identity": {"type": "string", "description": "default, full, nothing, or index NAME."},
    "inherits": {"type": "array", "items": {"type": "string"}, "description": "The tables that it inherits from."},
    "options": {"type": "array", "items": {"enum": list(VIEW_OPTIONS)}, "description": "All options of a view."},
}
