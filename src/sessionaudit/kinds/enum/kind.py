"""Enum types: their rules, and what the kind declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.entries import by_qualified_name
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Kind, beside
from sessionaudit.kinds.enum.model import Enum, read, show, spell

if TYPE_CHECKING:
    from sessionaudit.core.ref import ObjectRef


MISSING = Rule(
    "SA111",
    "missing-enum",
    Severity.ERROR,
    "An enum type of the contract does not exist.",
    "No column can have this type, and a cast to it fails.",
    "The enum type {object} does not exist: columns and casts that name it fail.",
)
FORBIDDEN = Rule(
    "SA112",
    "forbidden-enum",
    Severity.WARNING,
    "An enum type that the contract declares absent exists.",
    "It was meant to be removed; columns may still use it.",
    "The enum type {object} exists, and the contract declares it absent.",
)
VALUES = Rule(
    "SA113",
    "enum-values",
    Severity.ERROR,
    "The values of an enum type, or their order, differ from the contract.",
    "A statement that names a missing value fails (22P02, “invalid input value for enum”), even if only in a "
    "filter. A value that the contract does not have may reach code that does not handle it. The order of the "
    "values decides how rows are sorted and compared.",
    otherwise="A warning where no value is missing: there is one too many, or they are in another order.",
)


def severity(expected: Enum, actual: Enum) -> Severity:
    """An error where a value is missing; a value too many or another order is a warning."""
    return Severity.ERROR if set(expected.values) - set(actual.values) else Severity.WARNING


def message(ref: ObjectRef, expected: Enum, actual: Enum) -> str:
    """Say which values are missing, which are unexpected, or that only the order differs."""
    wanted, found = frozenset(expected.values), frozenset(actual.values)
    missing = [value for value in expected.values if value not in found]
    unasked = [value for value in actual.values if value not in wanted]
    parts: list[str] = []
    if missing:
        parts.append(f"lacks {_words(missing)}: a statement that names it fails, even in a filter")
    if unasked:
        parts.append(
            f"has {_words(unasked)}, which the contract does not name: code may read a value it does not handle"
        )
    if not parts:
        parts.append("has its values in another order: sorting and comparison give different results")
    return f"The enum {ref.dotted} {'; it '.join(parts)}."


def _words(values: list[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


_VALUES = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}

KIND = Kind(
    name="enum",
    section="enums",
    classes=("type",),
    identity=("schema", "name"),
    model=Enum,
    query=beside(__file__),
    enumerate=beside(__file__, "all.sql"),
    entries=by_qualified_name,
    read=read,
    load=lambda row, _schema: Enum(values=tuple(row[0])),
    show=show,
    spell=spell,
    missing=MISSING,
    forbidden=FORBIDDEN,
    shapes_writes=True,
    needed_by_queries=True,
    gives_types=True,
    attributes=(
        Attribute(
            facet="values",
            needed_by_queries=True,
            rule=VALUES,
            fields=("values",),
            show=show,
            severity=severity,
            message=message,
            removes=lambda expected, actual: not {*actual.values} <= {*expected.values},
            verbatim=True,
        ),
    ),
    ignored=frozenset({"replace"}),
    verbatim=True,
    shape={
        "anyOf": [
            _VALUES,
            {
                "type": "object",
                "additionalProperties": False,
                "required": ["values"],
                "properties": {
                    "values": _VALUES,
                    "replace": {
                        "type": "object",
                        "additionalProperties": {"type": "string"},
                        "description": "For each value that is to be removed, the value that replaces it in rows.",
                    },
                },
            },
        ]
    },
)
