"""Composite types: their rules, and what the kind declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.entries import by_qualified_name
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Form, Kind, Trial, beside
from sessionaudit.kinds.common.naming import same_type
from sessionaudit.kinds.composite_type.model import (
    CompositeType,
    TypeAttribute,
    load,
    names,
    read,
    show,
    show_attribute,
)
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.ref import ObjectRef

MISSING = Rule(
    "SA141",
    "missing-composite-type",
    Severity.ERROR,
    "A composite type of the contract does not exist.",
    "No column can have this type, and a cast to it fails, as do functions that take or return it.",
    "The composite type {object} does not exist: columns, casts and functions that name it fail.",
)
FORBIDDEN = Rule(
    "SA142",
    "forbidden-composite-type",
    Severity.WARNING,
    "A composite type that the contract declares absent exists.",
    "It was meant to be removed; columns and functions may still use it.",
    "The composite type {object} exists, and the contract declares it absent.",
)
ATTRIBUTES = Rule(
    "SA143",
    "composite-type-attributes",
    Severity.ERROR,
    "The attributes of a composite type, or their order, differ from the contract.",
    "A statement that names a missing attribute fails (42703). A row that is cast to the type fails, or its values "
    "end up in other attributes.",
)
TYPES = Rule(
    "SA144",
    "composite-type-attribute-type",
    Severity.ERROR,
    "The type or the collation of an attribute of a composite type differs from the contract.",
    "Values are rejected or truncated, or come back in a form that the application does not expect.",
)


def same_types(expected: CompositeType, actual: CompositeType) -> bool | None:
    """Whether the attributes that both have are of the same types; None where only the server can tell."""
    verdicts = [_same(one, other) for one, other in _both(expected, actual)]
    if None in verdicts and False not in verdicts and names(expected) == names(actual):
        return None
    return False not in verdicts


def _both(expected: CompositeType, actual: CompositeType) -> Iterator[tuple[TypeAttribute, TypeAttribute]]:
    found = {one.name: one for one in actual.attributes}
    return ((one, found[one.name]) for one in expected.attributes if one.name in found)


def _same(expected: TypeAttribute, actual: TypeAttribute) -> bool | None:
    collations = {actual.collation, actual.whole_collation or actual.collation}
    return same_type(expected.type, actual.type) if expected.collation in collations else False


def differing(expected: CompositeType, actual: CompositeType) -> list[tuple[TypeAttribute, TypeAttribute]]:
    """The attributes of both that are not certainly of the same type."""
    return [(one, other) for one, other in _both(expected, actual) if not _same(one, other)]


def attributes_message(ref: ObjectRef, expected: CompositeType, actual: CompositeType) -> str:
    """Say which are missing, which are unexpected, or that only the order differs."""
    missing = [quoted(name) for name in names(expected) if name not in names(actual)]
    unasked = [quoted(name) for name in names(actual) if name not in names(expected)]
    parts = [f"lacks {', '.join(missing)}"] if missing else []
    parts += [f"has {', '.join(unasked)}, which the contract does not name"] if unasked else []
    if not parts:
        parts.append("has its attributes in another order")
    return f"The composite type {ref.dotted} {' and '.join(parts)}: a row that is cast to it fails or is read wrongly."


def types_message(ref: ObjectRef, expected: CompositeType, actual: CompositeType) -> str:
    """Say which attributes are of which types."""
    told = ", ".join(
        f"{show_attribute(other)} (expected {show_attribute(one)})" for one, other in differing(expected, actual)
    )
    return f"The composite type {ref.dotted} has {told}: values are rejected, or come back as another type."


_READ = """
    select pg_catalog.string_agg(pg_catalog.quote_ident(a.attname) || ' '
                                 || pg_catalog.format_type(a.atttypid, a.atttypmod)
                                 || case when a.attcollation = y.typcollation then ''
                                         else ' collate ' || a.attcollation::pg_catalog.regcollation::text end,
                                 ', ' order by a.attnum)
      from pg_catalog.pg_type t
      join pg_catalog.pg_attribute a on a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
      join pg_catalog.pg_type y on y.oid = a.atttypid
     where t.oid = %(on)s::pg_catalog.regtype"""

KIND = Kind(
    name="composite_type",
    section="types",
    classes=(
        "composite type",
        "composite type column",
    ),
    leads=("as (",),
    identity=("schema", "name"),
    model=CompositeType,
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
            facet="attributes",
            needed_by_queries=True,
            rule=ATTRIBUTES,
            fields=("attributes",),
            show=lambda type_: ", ".join(map(quoted, names(type_))),
            same=lambda expected, actual: names(expected) == names(actual),
            message=attributes_message,
            verbatim=True,
        ),
        Attribute(
            facet="types",
            needed_by_queries=True,
            rule=TYPES,
            fields=("attributes",),
            show=show,
            same=same_types,
            message=types_message,
            form=Form(
                text=lambda type_: type_.printed or ", ".join(map(show_attribute, type_.attributes)),
                sort=None,
                wrap=None,
                trial=Trial(
                    setup=lambda type_, on, _name: (f"create type {on} {show(type_)}",),
                    read=_READ,
                ),
            ),
        ),
    ),
    ignored=frozenset({"printed"}),
    shape={"type": "string", "pattern": "^ *[Aa][Ss]\\b"},
)
