"""Enum types: exactly these values, in this order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sessionaudit.core.entries import by_qualified_name
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Kind, beside
from sessionaudit.core.node import Mapping, Node, NodeError, flow, known_keys, mapping, nearest, text, texts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sessionaudit.core.ref import ObjectRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Enum:
    """An enum type; `replace` says for values that are to go what becomes of the rows that hold them."""

    values: tuple[str, ...]
    replace: tuple[tuple[str, str], ...] = field(default=(), compare=False)


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
    "A statement that names a missing value fails (22P02, “invalid input value for enum”), even in a filter. "
    "A value that the contract does not have reaches code that does not handle it. Order decides sorting and "
    "comparison.",
)


def read(node: Node, _schema: str) -> Enum:
    """Read an entry of `enums:`, a list of values, or a mapping of that and of what replaces other values."""
    if not isinstance(node, Mapping):
        return Enum(values=_values(node))
    known_keys(node, ("values", "replace"), "an enum")
    fields = {str(key): value for key, value in node.items()}
    if "values" not in fields:
        raise NodeError("an enum needs “values”", node)
    values = _values(fields["values"])
    return Enum(values=values, replace=tuple(_replacements(fields["replace"], values)) if "replace" in fields else ())


def _values(node: Node) -> tuple[str, ...]:
    values = texts(node, "an enum value")
    known: set[str] = set()
    for value in values:
        if value in known:
            raise NodeError(f"the value “{value}” stands here twice", node)
        known.add(value)
    return values


def _replacements(node: Node, values: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    known = frozenset(values)
    for key, value in mapping(node, "a mapping of values to their replacements").items():
        old, new = str(text(key, "an enum value")), str(text(value, "an enum value"))
        if reason := unfit(known, old, new):
            raise NodeError(reason, key if old in values else value, hint="" if old in values else nearest(new, values))
        yield old, new


def unfit(values: Collection[str], old: str, new: str) -> str:
    """Why one value cannot become another one where these are expected; "" if it can."""
    if old in values:
        return f"the value “{old}” is expected, so it needs no replacement"
    return "" if new in values else f"the value “{new}” is not expected either, so it cannot be a replacement"


def show(enum: Enum) -> str:
    """The values as a list of the contract."""
    return flow(list(enum.values))


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
    identity=("schema", "name"),
    model=Enum,
    query=beside(__file__),
    entries=by_qualified_name,
    read=read,
    load=lambda row, _schema: Enum(values=tuple(row[0])),
    show=show,
    missing=MISSING,
    forbidden=FORBIDDEN,
    attributes=(
        Attribute(
            facet="values",
            rule=VALUES,
            fields=("values",),
            show=show,
            severity=severity,
            message=message,
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
