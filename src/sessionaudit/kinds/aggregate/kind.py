"""Aggregates: their rules, and what the kind declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Kind, beside
from sessionaudit.core.ref import dotted
from sessionaudit.kinds.aggregate.model import (
    FUNCTIONS,
    OPTIONS,
    Aggregate,
    condensed,
    entries,
    load,
    read,
    show,
    spell,
)
from sessionaudit.kinds.function import execution
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from sessionaudit.core.ref import ObjectRef

MISSING = Rule(
    "SA651",
    "missing-aggregate",
    Severity.ERROR,
    "An aggregate of the contract does not exist.",
    "Every query and view that uses it fails (42883).",
    "The aggregate {object} does not exist: whatever uses it fails (42883).",
)
FORBIDDEN = Rule(
    "SA653",
    "forbidden-aggregate",
    Severity.WARNING,
    "An aggregate that the contract declares absent exists.",
    "It was meant to be removed; queries can still use it.",
    "The aggregate {object} exists, and the contract declares it absent.",
)
DEFINITION = Rule(
    "SA654",
    "aggregate-definition",
    Severity.WARNING,
    "The definition of an aggregate differs from the contract.",
    "Queries that use it get another result, or another plan.",
    "The aggregate {object} is {actual}, expected {expected}: queries that use it may get another result.",
)
ARGUMENTS = Rule(
    "SA655",
    "aggregate-arguments",
    Severity.ERROR,
    "The mode of an aggregate's arguments (VARIADIC, or ORDER BY) differs from the contract.",
    "Calls that the contract allows fail, or give another result.",
    "The arguments of the aggregate {object} are ({actual}), expected ({expected}): calls fail or give another result.",
)
OWNER = Rule(
    "SA656",
    "aggregate-owner",
    Severity.WARNING,
    "The owner of an aggregate differs from the contract.",
    "The owner can replace the aggregate, and drop it.",
    "The aggregate {object} belongs to {actual}, expected {expected}, and {actual} can replace it.",
)

MISSING_EXECUTE = Rule(
    "SA657",
    "missing-aggregate-execute",
    Severity.ERROR,
    "A role that the contract lets use an aggregate has no EXECUTE on it.",
    "Its queries with the aggregate fail with “permission denied” (42501).",
    otherwise="A warning where PUBLIC has the privilege.",
)
EXCESS_EXECUTE = Rule(
    "SA658",
    "excess-aggregate-execute",
    Severity.WARNING,
    "A role has EXECUTE on an aggregate whose grants the contract lists without it.",
    "The role may use the aggregate. PUBLIC, which is every role, has EXECUTE on every new one until that is revoked.",
)
PASSED_ON = Rule(
    "SA659",
    "aggregate-grant-option",
    Severity.WARNING,
    "A role may grant EXECUTE on an aggregate to others (WITH GRANT OPTION).",
    "Roles that the contract does not name may get EXECUTE from this one.",
)


def same_definition(expected: Aggregate, actual: Aggregate) -> bool:
    """Whether all options are the same; a name without a schema is of the contract's, or PostgreSQL's own."""
    return all(_same(expected, name, expected.option(name), actual.option(name)) for name in OPTIONS)


def _same(expected: Aggregate, name: str, wanted: str | None, found: str | None) -> bool:
    if wanted == found:
        return True
    if wanted is None or found is None:
        return False
    if name in FUNCTIONS:
        return found in {f"pg_catalog.{wanted}", f"{quoted(expected.schema)}.{wanted}"}
    if name == "sortop":
        return found in {f"operator(pg_catalog.{wanted})", f"operator({quoted(expected.schema)}.{wanted})"}
    return False


def key(ref: ObjectRef, aggregate: Aggregate) -> str:
    """The signature as DROP AGGREGATE has it."""
    return f"{dotted(ref.path[:2])}({aggregate.listed or '*'})"


KIND = Kind(
    name="aggregate",
    section="aggregates",
    classes=("aggregate",),
    identity=("schema", "name", "arguments"),
    model=Aggregate,
    query=beside(__file__),
    enumerate=beside(__file__, "all.sql"),
    entries=entries,
    read=read,
    load=load,
    show=show,
    spell=spell,
    condensed=condensed,
    key=key,
    missing=MISSING,
    forbidden=FORBIDDEN,
    needed_by_queries=True,
    attributes=(
        Attribute(facet="definition", rule=DEFINITION, fields=("options",), show=show, same=same_definition),
        Attribute(
            facet="arguments",
            keys=("definition",),
            rule=ARGUMENTS,
            fields=("listed",),
            show=lambda aggregate: aggregate.listed or "*",
        ),
        Attribute(
            facet="owner",
            rule=OWNER,
            fields=("owner",),
            show=lambda aggregate: aggregate.owner,
            verbatim=True,
            same=lambda expected, actual: expected.owner in {None, actual.owner},
        ),
        *execution.attributes("aggregate", MISSING_EXECUTE, EXCESS_EXECUTE, PASSED_ON),
    ),
    ignored=frozenset({"schema", "held"}),
    shape={
        "oneOf": [
            {"type": "string"},
            {
                "type": "object",
                "additionalProperties": False,
                "required": ["definition"],
                "properties": {
                    "definition": {"type": "string"},
                    "owner": {"type": "string"},
                    "grants": execution.SHAPE,
                },
            },
        ]
    },
)
