"""Which types a foreign key can certainly not compare.

PostgreSQL takes the operator of the index's family for both types, or casts the referencing column implicitly to the
referenced type (the manual's CREATE TABLE, REFERENCES; `ATAddForeignKeyConstraint`). A test tries every pair.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.kinds.column.rewrites import shape
from sessionaudit.kinds.common.named_types import path_of_type

if TYPE_CHECKING:
    from sessionaudit.core.lint import Models

# Those of one list compare with each other. Of the numbers, one of an earlier list is cast to one of a later.
_NUMBERS = (("smallint", "integer", "bigint"), ("numeric",), ("real", "double precision"))
_FAMILIES = (
    ("text", "character varying", "character"),
    ("uuid",),
    ("boolean",),
    ("date", "timestamp without time zone", "timestamp with time zone"),
    ("bytea",),
    ("inet", "cidr"),
    ("macaddr",),
    ("jsonb",),
)
_RANKS = {name: rank for rank, names in enumerate(_NUMBERS) for name in names}
_FAMILY = {name: number for number, names in enumerate(_FAMILIES) for name in names}
KNOWN = (*_RANKS, *_FAMILY)


def comparable(own: str, other: str, models: Models, schema: str) -> bool:
    """Whether a column of the type `own` can reference one of the type `other`; also true where that is not known."""
    (first, _, many), (second, _, also_many) = shape(own), shape(other)
    if many or also_many:
        return True
    if first in _RANKS and second in _RANKS:
        return _RANKS[first] <= _RANKS[second]
    enums = [path_of_type(type_, schema) for type_ in (first, second)]
    known = [
        type_ in _RANKS or type_ in _FAMILY or (path is not None and models["enum"].get(path) is not None)
        for type_, path in zip((first, second), enums, strict=True)
    ]
    if not all(known) or first == second:
        return True
    return first in _FAMILY and second in _FAMILY and _FAMILY[first] == _FAMILY[second]
