"""Range types: their rules, and what the kind declares."""

from __future__ import annotations

from sessionaudit.core.entries import by_qualified_name
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Form, Kind, Trial, beside
from sessionaudit.core.query import Sort
from sessionaudit.kinds.common.naming import alone, same_type
from sessionaudit.kinds.range_type.model import OPTIONS, RangeType, load, options, read, show

MISSING = Rule(
    "SA151",
    "missing-range-type",
    Severity.ERROR,
    "A range type of the contract does not exist.",
    "No column can have this type, and a cast to it fails.",
    "The range type {object} does not exist: columns, casts and functions that name it fail.",
)
FORBIDDEN = Rule(
    "SA152",
    "forbidden-range-type",
    Severity.WARNING,
    "A range type that the contract declares absent exists.",
    "It was meant to be removed; columns may still use it.",
    "The range type {object} exists, and the contract declares it absent.",
)
SUBTYPE = Rule(
    "SA153",
    "range-type-subtype",
    Severity.ERROR,
    "The subtype of a range type differs from the contract.",
    "Its bounds are values of another type: statements that use it fail, or compare its values differently.",
    "The range type {object} is over {actual}, expected {expected}: its bounds are values of another type.",
)
CONSTRUCTION = Rule(
    "SA154",
    "range-type-options",
    Severity.WARNING,
    "The operator class, collation or functions of a range type differ from the contract.",
    "Its values compare differently, two spellings of one range count as two values, or indexes on it are slow.",
    "The range type {object} is made with {actual}, expected {expected}: its values compare differently, or are "
    "indexed badly.",
)


def same_options(expected: RangeType, actual: RangeType) -> bool:
    """Whether the rest is the same; a name without a schema may be found by way of a search path.

    The name of the multirange type is compared where it is stated.
    """
    return all(
        _same(str(getattr(expected, name)), str(getattr(actual, name)))
        for name in OPTIONS.values()
        if name != "multirange" or expected.multirange
    )


def _same(expected: str, actual: str) -> bool:
    return expected == actual or (bool(expected) and alone(expected) and actual.endswith(f".{expected}"))


_READ = """
    select pg_catalog.format_type(r.rngsubtype, null)
      from pg_catalog.pg_range r
     where r.rngtypid = %(on)s::pg_catalog.regtype"""

KIND = Kind(
    name="range_type",
    section="types",
    classes=("type",),
    leads=("as range",),
    identity=("schema", "name"),
    model=RangeType,
    query=beside(__file__),
    enumerate=beside(__file__, "all.sql"),
    entries=by_qualified_name,
    read=read,
    load=load,
    show=show,
    spell=show,
    missing=MISSING,
    forbidden=FORBIDDEN,
    shapes_writes=True,
    needed_by_queries=True,
    gives_types=True,
    attributes=(
        Attribute(
            facet="subtype",
            needed_by_queries=True,
            rule=SUBTYPE,
            fields=("subtype",),
            show=lambda type_: type_.subtype,
            same=lambda expected, actual: same_type(expected.subtype, actual.subtype),
            form=Form(
                text=lambda type_: type_.printed or type_.subtype,
                sort=Sort.TYPE,
                wrap=None,
                trial=Trial(
                    setup=lambda type_, on, _name: (f"create type {on} as range (subtype = {type_.subtype})",),
                    read=_READ,
                ),
            ),
        ),
        Attribute(
            facet="options",
            rule=CONSTRUCTION,
            fields=tuple(OPTIONS.values()),
            show=lambda type_: ", ".join(options(type_)) or "no option",
            same=same_options,
        ),
    ),
    ignored=frozenset({"printed"}),
    shape={"type": "string", "pattern": "^ *[Aa][Ss] +[Rr][Aa][Nn][Gg][Ee]\\b"},
)
