"""Primary keys and unique constraints."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sessionaudit.core.entries import by_name
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Kind, beside
from sessionaudit.core.node import Node, text
from sessionaudit.kinds.common import enforcement
from sessionaudit.kinds.common.rules import forbidden, missing, unexpected
from sessionaudit.sql.fragment import Fragment
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.core.ref import ObjectRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A primary key or a unique constraint; `type` is `primary key` or `unique`.

    `slack` says of a real one why PostgreSQL does not hold it for every row; `repairable` whether making
    it anew ends that. `inherited` is one that is there because the parent of a partition has it.
    """

    type: str
    columns: tuple[str, ...]
    include: tuple[str, ...] = ()
    nulls_not_distinct: bool = False
    without_overlaps: bool = False
    deferral: str = ""
    enforced: bool = True
    slack: tuple[str, ...] = ()
    repairable: bool = field(default=True, compare=False)
    inherited: bool = field(default=False, compare=False)


MISSING = missing(
    "SA321",
    "key",
    "without a unique index on these columns, duplicates are accepted, and `on conflict` on these columns fails "
    "(42P10)",
)
UNEXPECTED = unexpected("SA322", "key", "it may reject rows that the application considers valid")
FORBIDDEN = forbidden("SA323", "key", "it rejects rows that should be accepted")
COLUMNS = Rule(
    "SA324",
    "key-columns",
    Severity.ERROR,
    "The columns of a key differ from the contract.",
    "Rows that should be rejected are accepted, or the other way round; `on conflict` on the expected columns fails.",
)
DEFERRAL = Rule(
    "SA308",
    "constraint-deferral",
    Severity.WARNING,
    "Whether a constraint is deferrable differs from the contract.",
    "A transaction that violates it temporarily fails at once instead of at its end, or the other way round.",
    "The constraint {name} of {parent} is {actual}, expected {expected}: transactions may fail at another point.",
)


def take_deferral(fragment: Fragment) -> str:
    """Take what says when a constraint is looked at; "" means at once."""
    deferral = ""
    while True:
        if fragment.accept("not", "deferrable"):
            deferral = ""
        elif fragment.accept("deferrable"):
            deferral = deferral or "deferrable"
        elif fragment.accept("initially", "deferred"):
            deferral = "deferrable initially deferred"
        elif not fragment.accept("initially", "immediate"):
            return deferral


def show_columns(columns: Iterable[str]) -> str:
    """Columns in parentheses, quoted where they must be."""
    return f"({', '.join(quoted(column) for column in columns)})"


@lru_cache(maxsize=16384)
def parse(definition: str) -> Key:
    """Read what follows ADD CONSTRAINT name. Raises FragmentError."""
    fragment = Fragment(definition)
    kind = fragment.one_of("primary key", "unique")
    distinct = fragment.accept("nulls", "not", "distinct")
    if not distinct:
        fragment.accept("nulls", "distinct")
    columns, without_overlaps = _columns(fragment)
    include = fragment.names() if fragment.accept("include") else ()
    deferral = take_deferral(fragment)
    fragment.end("“include”, “deferrable” or the end")
    return Key(
        type=kind,
        columns=columns,
        include=include,
        nulls_not_distinct=distinct,
        without_overlaps=without_overlaps,
        deferral=deferral,
    )


def _columns(fragment: Fragment) -> tuple[tuple[str, ...], bool]:
    """Take the columns, and whether the last one's ranges are only kept from overlapping (PostgreSQL 18)."""
    fragment.expect("(")
    columns = [fragment.name("a column")]
    while fragment.accept(","):
        columns.append(fragment.name("a column"))
    without_overlaps = fragment.accept("without", "overlaps")
    fragment.expect(")")
    return tuple(columns), without_overlaps


def read(node: Node, _schema: str) -> Key:
    """Read an entry of `constraints:` that is a key."""
    return parse(text(node, "a constraint"))


def load(row: tuple[Any, ...], _schema: str) -> Key:
    """Make a Key of a row of the catalog query."""
    kind, columns, include, nulls_not_distinct, without_overlaps, deferral, valid, lacking, off, bare, inherited = row
    return Key(
        type=kind,
        columns=tuple(columns),
        include=tuple(include),
        nulls_not_distinct=nulls_not_distinct,
        without_overlaps=without_overlaps,
        deferral=deferral,
        slack=(*_invalid(valid, lacking), *enforcement.off(off), *enforcement.bare(bare)),
        repairable=not bare,
        inherited=inherited,
    )


def _invalid(valid: bool, lacking: list[str]) -> tuple[str, ...]:
    if valid:
        return ()
    return (f"its index is not valid{', and missing on ' if lacking else ''}{', '.join(lacking)}",)


def show_key(key: Key) -> str:
    """The key without its deferral, as the contract writes it."""
    distinct = " nulls not distinct" if key.nulls_not_distinct else ""
    include = f" include {show_columns(key.include)}" if key.include else ""
    columns = show_columns(key.columns)
    if key.without_overlaps:
        columns = f"{columns[:-1]} without overlaps)"
    return f"{key.type}{distinct} {columns}{include}"


def only_order(expected: Key, actual: Key) -> bool:
    """Whether the same columns stand in another order."""
    covering = ("type", "include", "nulls_not_distinct", "without_overlaps")
    return sorted(expected.columns) == sorted(actual.columns) and all(
        getattr(expected, name) == getattr(actual, name) for name in covering
    )


def columns_severity(expected: Key, actual: Key) -> Severity:
    """A warning where only the order of the columns differs: the same rows are rejected."""
    return Severity.WARNING if only_order(expected, actual) else Severity.ERROR


def columns_message(ref: ObjectRef, expected: Key, actual: Key) -> str:
    """Say which rows are wrongly rejected, or what is slow."""
    if only_order(expected, actual):
        return (
            f"The key {ref.name} of {ref.parent} has its columns in another order: it rejects the same rows, but "
            "queries on the first column may be slow, and a foreign key that names no columns pairs them wrongly."
        )
    return (
        f"The key {ref.name} of {ref.parent} covers other columns than expected, or covers them differently: it "
        "rejects or accepts the wrong rows."
    )


KIND = Kind(
    name="key",
    section="constraints",
    within="table",
    leads=("primary key", "unique"),
    identity=("relation", "name"),
    model=Key,
    query=beside(__file__),
    entries=by_name,
    read=read,
    load=load,
    show=lambda key: f"{show_key(key)} {key.deferral}".rstrip(),
    missing=MISSING,
    forbidden=FORBIDDEN,
    unexpected=UNEXPECTED,
    inherited=lambda key: key.inherited,
    misnamed=True,
    attributes=(
        Attribute(
            facet="columns",
            rule=COLUMNS,
            fields=("type", "columns", "include", "nulls_not_distinct", "without_overlaps"),
            show=show_key,
            severity=columns_severity,
            message=columns_message,
        ),
        Attribute(
            facet="deferral", rule=DEFERRAL, fields=("deferral",), show=lambda key: key.deferral or "not deferrable"
        ),
        enforcement.HELD,
    ),
    ignored=frozenset({"repairable", "inherited"}),
    shape={"type": "string"},
    mended_by_rows=True,
)
