"""Columns: their rules, and what the kind declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.entries import by_name
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Form, Kind, Trial, beside
from sessionaudit.core.query import Sort
from sessionaudit.kinds.column import identity_options, not_null_proof
from sessionaudit.kinds.column.model import (
    Column,
    condensed,
    load,
    read,
    show,
    show_default,
    show_filling,
    show_generation,
    spell,
)
from sessionaudit.kinds.common import naming
from sessionaudit.kinds.common.rules import forbidden, missing, unexpected
from sessionaudit.kinds.common.stand_ins import TABLE

if TYPE_CHECKING:
    from sessionaudit.core.ref import ObjectRef


MISSING = missing("SA201", "column", "every statement that names it fails (42703; PostgREST: PGRST204)")
UNEXPECTED = unexpected("SA202", "column")
FORBIDDEN = forbidden("SA203", "column", "its values can still be read and written")
TYPE = Rule(
    "SA204",
    "column-type",
    Severity.ERROR,
    "The type of a column differs from the contract.",
    "Values that the application sends are rejected or truncated, or come back in a form that it does not expect.",
    "The column {object} is {actual}, expected {expected}: values may be rejected, or come back as another type.",
)
NULLABILITY = Rule(
    "SA205",
    "column-nullability",
    Severity.WARNING,
    "Whether a column is NOT NULL differs from the contract.",
    "Where it is NOT NULL and should not be, inserts that omit it fail (23502). Where NOT NULL is missing, the "
    "application reads nulls that it does not expect.",
    otherwise="An error where inserts that leave the column out fail, and no trigger may fill it.",
)
DEFAULT = Rule(
    "SA206",
    "column-default",
    Severity.WARNING,
    "The default of a column differs from the contract.",
    "An insert that omits the column stores another value than expected, or fails where the column is NOT NULL.",
    otherwise=(
        "An error where inserts fail without the default, and no trigger may fill the column; a note where the "
        "contract does not state the one that is there."
    ),
)
GENERATION = Rule(
    "SA207",
    "column-generation",
    Severity.ERROR,
    "Whether, or how, a column is generated differs from the contract.",
    "An insert that omits the column fails or stores another value; one that names it may fail (428C9).",
    otherwise=(
        "A warning where both use a sequence and the column accepts given values; a note where the contract does not "
        "state an identity BY DEFAULT."
    ),
)
COLLATION = Rule(
    "SA208",
    "column-collation",
    Severity.WARNING,
    "The collation of a column differs from the contract.",
    "Rows are sorted and compared differently, and queries may not use an index that they rely on.",
    "The collation of the column {object} is {actual}, expected {expected}: it sorts and compares differently.",
)
BLOCKING = Rule(
    "SA209",
    "blocking-column",
    Severity.ERROR,
    "A column that the contract does not name is NOT NULL and has no default.",
    "The application does not know the column, so every insert into the table fails (23502).",
    "The column {object} is NOT NULL without a default, and the contract does not name it: every insert by the "
    "application fails.",
    otherwise="A warning where a trigger before inserts may fill the column.",
)


def same_type(expected: Column, actual: Column) -> bool | None:
    """Whether the types are the same; None where only the server can resolve an unqualified name."""
    return naming.same_type(expected.type, actual.type)


def same_nullability(expected: Column, actual: Column) -> bool:
    """Whether both allow nulls, or neither; true where PostgreSQL does not know."""
    return actual.not_null is None or expected.not_null == actual.not_null


def same_collation(expected: Column, actual: Column) -> bool:
    """Whether both sort alike; a name without a schema is one of PostgreSQL's, or else of the contract's schema."""
    return expected.collation in {actual.collation, actual.whole_collation or actual.collation}


def same_default(expected: Column, actual: Column) -> bool | None:
    """Whether the defaults are the same; None where two expressions differ in their spelling.

    A column that is generated has no default; that it is generated is another facet.
    """
    if _generates(expected) or _generates(actual):
        return True
    if expected.serial or expected.default is None or actual.default is None:
        return actual.serial if expected.serial else expected.default == actual.default
    return True if expected.default == actual.default else None


def same_generation(expected: Column, actual: Column) -> bool | None:
    """Whether both are generated alike; None where two expressions differ in their spelling."""
    if (expected.identity, expected.storage) != (actual.identity, actual.storage):
        return False
    return True if expected.generated == actual.generated else None


def _generates(column: Column) -> bool:
    return bool(column.identity) or column.generated is not None


def nullability_severity(expected: Column, actual: Column) -> Severity:
    """An error where inserts that omit the column fail."""
    fails = actual.blocking and not actual.triggered
    return Severity.ERROR if fails and not expected.not_null else Severity.WARNING


def nullability_message(ref: ObjectRef, expected: Column, actual: Column) -> str:
    """Say which side allows nulls."""
    if expected.not_null:
        return f"The column {ref.dotted} allows nulls, and the contract says NOT NULL: the application expects none."
    ending = f"an insert {'that leaves it out' if actual.blocking else 'of null'} fails{_unless(actual)}"
    return f"The column {ref.dotted} is NOT NULL, and the contract allows nulls: {ending}."


def _unless(column: Column) -> str:
    """What a failing insert depends on, as far as the catalogs tell: not what the function of a trigger does."""
    return ", unless a trigger or a rule prevents that" if column.triggered else ""


def blocking_doubt(ref: ObjectRef, column: Column) -> str:
    """Say of a column without a default that a trigger or a rule may fill it; "" where there is none."""
    if not column.triggered:
        return ""
    return (
        f"The column {ref.dotted} is NOT NULL without a default, and the contract does not name it: every insert by "
        "the application fails, unless a trigger or a rule prevents that."
    )


def generation_severity(expected: Column, actual: Column) -> Severity:
    """An error unless both use a sequence and a given value is accepted where the contract says so.

    A note where the contract does not mention an identity BY DEFAULT.
    """
    if _offered(expected, actual):
        return Severity.NOTE
    return Severity.WARNING if _counts(expected) and _counts(actual) and actual.identity != "always" else Severity.ERROR


def generation_message(ref: ObjectRef, expected: Column, actual: Column) -> str:
    """Say which inserts go wrong."""
    if _offered(expected, actual):
        return f"The column {ref.dotted} is {show_filling(actual)}, which the contract does not state."
    wanted, found = show_filling(expected), show_filling(actual)
    if not (_counts(expected) and _counts(actual)):
        ending = "inserts fail, or store another value"
    elif actual.identity == "always":
        ending = "inserts that give it a value fail (428C9)"
    else:
        ending = "both use a sequence, but not in the same way"
    return f"The column {ref.dotted} is {found}, expected {wanted}: {ending}."


def _offered(expected: Column, actual: Column) -> bool:
    """Whether the column is an identity BY DEFAULT and the contract states nothing that fills it."""
    said = expected.bare or expected.default is not None or _counts(expected) or _generates(expected)
    return actual.identity == "by default" and not said


def _counts(column: Column) -> bool:
    return column.serial or bool(column.identity)


def default_severity(expected: Column, actual: Column) -> Severity:
    """An error where inserts fail without the default, a note where the contract does not mention the existing one."""
    if actual.default is None:
        return Severity.ERROR if actual.blocking and not actual.triggered else Severity.WARNING
    return Severity.WARNING if expected.bare or show_default(expected) is not None else Severity.NOTE


def default_message(ref: ObjectRef, expected: Column, actual: Column) -> str:
    """Say what comes of an insert that omits the column: null, an error, or what a view or a domain does of itself."""
    if expected.bare:
        return f"The column {ref.dotted} has a default: an insert that omits it {_despite_default(expected, actual)}."
    if show_default(expected) is None:
        return f"The column {ref.dotted} has a default that the contract does not state."
    if actual.default is None:
        ending = "fails" if actual.blocking else "stores another value" if actual.not_null is None else "stores null"
        return f"The column {ref.dotted} has no default: an insert that omits it {ending}{_unless(actual)}."
    return f"The column {ref.dotted} has a different default: an insert that omits it may store another value."


def _despite_default(expected: Column, actual: Column) -> str:
    """Say what an insert stores that by the contract has no default to store."""
    if actual.not_null is None:  # what it stores without one is the business of the view's table, or of the domain
        return "stores that default"
    return f"stores the default instead of {'failing' if expected.not_null else 'null'}"


_READ_TYPE = """
    select pg_catalog.format_type(a.atttypid, a.atttypmod)
      from pg_catalog.pg_attribute a
     where a.attrelid = %(on)s::pg_catalog.regclass and a.attname = %(name)s"""
READ_DEFAULT = """
    select pg_catalog.pg_get_expr(d.adbin, d.adrelid)
      from pg_catalog.pg_attrdef d
      join pg_catalog.pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
     where d.adrelid = %(on)s::pg_catalog.regclass and a.attname = %(name)s"""

KIND = Kind(
    name="column",
    section="columns",
    classes=(
        "table column",
        "default value",
    ),
    within=("table", "view", "materialized_view"),
    identity=("relation", "name"),
    model=Column,
    query=beside(__file__),
    entries=by_name,
    read=read,
    load=load,
    show=show,
    spell=spell,
    brief=show,
    condensed=condensed,
    inherited=lambda column: column.inherited,
    apart_from_parent=lambda column: column.filled_apart,
    missing=MISSING,
    forbidden=FORBIDDEN,
    unexpected=UNEXPECTED,
    judged_beside=True,
    harmful=(BLOCKING, lambda column: column.blocking),
    doubt=blocking_doubt,
    shapes_writes=True,
    needed_by_queries=True,
    type_of=lambda column: column.type,
    attributes=(
        Attribute(
            facet="type",
            needed_by_queries=True,
            rule=TYPE,
            fields=("type",),
            show=lambda column: column.type,
            same=same_type,
            form=Form(
                text=lambda column: column.type,
                sort=Sort.TYPE,
                wrap=None,
                trial=Trial(
                    setup=lambda column, on, name: (
                        f"alter table {on} alter column {name} type {column.type} using null",
                    ),
                    read=_READ_TYPE,
                    stand_in=TABLE,
                ),
            ),
        ),
        Attribute(
            facet="nullability",
            rule=NULLABILITY,
            fields=("not_null",),
            show=lambda column: "not null" if column.not_null else "null",
            same=same_nullability,
            severity=nullability_severity,
            message=nullability_message,
        ),
        Attribute(
            facet="default",
            rule=DEFAULT,
            fields=("default", "serial"),
            show=show_default,
            same=same_default,
            severity=default_severity,
            message=default_message,
            form=Form(
                text=lambda column: column.default,
                wrap=lambda sql: f"select {sql}",
                trial=Trial(
                    setup=lambda column, on, name: (
                        f"alter table {on} alter column {name} set default {column.default}",
                    ),
                    read=READ_DEFAULT,
                    stand_in=TABLE,
                ),
                context=lambda column: column.type,
            ),
        ),
        Attribute(
            facet="generation",
            rule=GENERATION,
            fields=("generated", "storage", "identity"),
            show=show_filling,
            same=same_generation,
            severity=generation_severity,
            message=generation_message,
            form=Form(
                text=lambda column: column.generated,
                wrap=lambda sql: f"select {sql}",
                trial=Trial(
                    setup=lambda column, on, name: (
                        f"alter table {on} drop column {name},"
                        f" add column {name} {column.type} {show_generation(column)}",
                    ),
                    read=READ_DEFAULT,
                    stand_in=TABLE,
                ),
            ),
        ),
        identity_options.ATTRIBUTE,
        Attribute(
            facet="collation",
            rule=COLLATION,
            fields=("collation",),
            show=lambda column: column.collation or "the type's own",
            same=same_collation,
        ),
        not_null_proof.ATTRIBUTE,
    ),
    ignored=frozenset(
        {
            "inherited",
            "filled_apart",
            "counted_apart",
            "blocking",
            "bare",
            "whole_collation",
            "beneath",
            "uncounted",
            "triggered",
        }
    ),
    shape={"type": "string"},
    row_repair=True,
)
