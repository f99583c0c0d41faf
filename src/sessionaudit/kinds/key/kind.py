"""Primary keys and unique constraints: their rules, and what the kind declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.entries import by_name
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Kind, beside
from sessionaudit.kinds.common import enforcement
from sessionaudit.kinds.common.rules import forbidden, missing, unexpected
from sessionaudit.kinds.key.model import Key, load, read, show, show_key

if TYPE_CHECKING:
    from sessionaudit.core.ref import ObjectRef


MISSING = missing(
    "SA321",
    "key",
    "without a unique index on these columns, duplicates are accepted, and `on conflict` on these columns "
    "fails (42P10)",
)
UNEXPECTED = unexpected("SA322", "key", "it may reject rows that the application considers valid")
FORBIDDEN = forbidden("SA323", "key", "it rejects rows that should be accepted")
COLUMNS = Rule(
    "SA324",
    "key-columns",
    Severity.ERROR,
    "The columns of a key differ from the contract.",
    "Duplicates that should be rejected are accepted, or the other way round, and `on conflict` on the expected "
    "columns fails (42P10).",
    otherwise="A warning where only the order of the columns differs.",
)
DEFERRAL = Rule(
    "SA308",
    "constraint-deferral",
    Severity.WARNING,
    "Whether a constraint is deferrable differs from the contract.",
    "A transaction that violates it for a while fails at once and not at its end, or the other way round.",
    "The constraint {name} of {parent} is {actual}, expected {expected}: transactions may fail at another point.",
)


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
    classes=("table constraint",),
    within=("table",),
    leads=("primary key", "unique"),
    identity=("relation", "name"),
    model=Key,
    query=beside(__file__),
    entries=by_name,
    read=read,
    load=load,
    show=show,
    spell=show,
    missing=MISSING,
    forbidden=FORBIDDEN,
    unexpected=UNEXPECTED,
    backs=lambda key, columns: columns == frozenset(key.columns),
    inherited=lambda key: key.inherited,
    misnamed=True,
    shapes_writes=True,
    needed_by_queries=True,
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
    row_repair=True,
)
