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
    "unless a unique index does it, nothing refuses duplicates, and `on conflict` on these columns fails (42P10)",
)
UNEXPECTED = unexpected("SA322", "key", "it may refuse rows that the application takes for good")
FORBIDDEN = forbidden("SA323", "key", "it refuses rows that it should not")
COLUMNS = Rule(
    "SA324",
    "key-columns",
    Severity.ERROR,
    "A key covers other columns than the contract states.",
    "Rows that should be refused are taken, or the other way round; `on conflict` on the expected columns fails.",
)
DEFERRAL = Rule(
    "SA308",
    "constraint-deferral",
    Severity.WARNING,
    "A constraint is deferrable where it must not be, or the other way round.",
    "A transaction that breaks it for a moment fails at once instead of at its end, or the other way round.",
    "The constraint {name} of {parent} is {actual}, expected {expected}: a transaction may fail at another moment.",
)


def only_order(expected: Key, actual: Key) -> bool:
    """Whether the same columns stand in another order."""
    covering = ("type", "include", "nulls_not_distinct", "without_overlaps")
    return sorted(expected.columns) == sorted(actual.columns) and all(
        getattr(expected, name) == getattr(actual, name) for name in covering
    )


def columns_severity(expected: Key, actual: Key) -> Severity:
    """A warning where only the order of the columns differs: the same rows are refused."""
    return Severity.WARNING if only_order(expected, actual) else Severity.ERROR


def columns_message(ref: ObjectRef, expected: Key, actual: Key) -> str:
    """Say which rows are refused wrongly, or what is slow."""
    if only_order(expected, actual):
        return (
            f"The key {ref.name} of {ref.parent} has its columns in another order: it refuses the same rows, but "
            "queries on the first column may be slow, and a foreign key without columns pairs them wrongly."
        )
    return (
        f"The key {ref.name} of {ref.parent} covers other columns, or covers them otherwise, than expected: wrong rows "
        "are refused or taken."
    )


KIND = Kind(
    name="key",
    section="constraints",
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
    mended_by_rows=True,
)
