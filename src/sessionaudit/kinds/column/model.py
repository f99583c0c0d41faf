"""Columns: type, nullability, default, identity, generation, collation."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sessionaudit.core.entries import by_name
from sessionaudit.core.finding import Severity
from sessionaudit.core.kind import Attribute, Form, Kind, beside
from sessionaudit.core.node import Node, text
from sessionaudit.core.query import Sort
from sessionaudit.kinds.column import not_null_proof, rules
from sessionaudit.kinds.common.naming import alone, collation_name
from sessionaudit.sql.expression import tree
from sessionaudit.sql.fragment import BUILTIN_TYPES, SERIALS, Fragment, canonical_type, type_name
from sessionaudit.sql.text import enclosed, quoted

if TYPE_CHECKING:
    from sessionaudit.core.ref import ObjectRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column.

    `not_null` is None for a view's, of which PostgreSQL does not know it, and where the type refuses
    null by itself. `serial` is set where the default takes the next value of a sequence that belongs to the column.
    `storage` is `stored` or `virtual` where `generated` is an expression; `identity` is `always` or `by default`. Of a
    real column, `blocking` tells whether an insert that omits it fails, `whole_collation` is the collation with
    its schema, `unproven` names its NOT NULL where that was never held against older rows, and `beneath` has the types
    under a domain, its own or its elements', that refuse less than that; `bare` tells of an expected one that the
    contract says itself that there is no default.
    """

    type: str
    not_null: bool | None = False
    default: str | None = None
    serial: bool = False
    generated: str | None = None
    storage: str = ""
    identity: str = ""
    collation: str = ""
    whole_collation: str = field(default="", compare=False)
    blocking: bool = field(default=False, compare=False)
    bare: bool = field(default=False, compare=False)
    unproven: str = ""
    beneath: tuple[str, ...] = field(default=(), compare=False)


_SERIAL_NAMES = {"integer": "serial", "bigint": "bigserial", "smallint": "smallserial"}
_FIRST_WORDS = frozenset({"double", "timestamp", "time", "interval"})
_STOPS = (("not", "null"), ("null",), ("generated",), ("collate",), ("default",))


@lru_cache(maxsize=65536)
def parse(definition: str, schema: str) -> Column:
    """Read what follows a column's name in CREATE TABLE. Raises FragmentError."""
    fragment = Fragment(definition)
    kind = type_name(fragment, schema)
    serial = kind in SERIALS
    found: dict[str, object] = {"type": SERIALS.get(kind, kind), "serial": serial, "not_null": serial}
    while not fragment.done:
        if fragment.accept("not", "null"):
            found["not_null"] = True
        elif fragment.accept("null"):
            pass
        elif fragment.accept("default"):
            found["default"] = None if _null(fragment) else _unless_null(fragment.until(*_STOPS))
            found["bare"] = found["default"] is None
        elif fragment.accept("collate"):
            found["collation"] = collation_name(fragment)
        elif fragment.accept("generated"):
            found.update(_generation(fragment))
        else:
            raise fragment.error(
                "“not null”, “default”, “generated” or “collate”",
                hint="Declare keys, references and checks under constraints:, with their names.",
            )
    if found.get("identity"):
        found["not_null"] = True
    return Column(**found)  # type: ignore[arg-type]


def _null(fragment: Fragment) -> bool:
    if not fragment.accept("null"):
        return False
    if fragment.accept("::"):
        type_name(fragment, "")
    return True


def _unless_null(expression: str) -> str | None:
    """The default, unless it is null in parentheses or with a cast, which is the same as no default."""
    found = tree(f"select {expression}", "") if "null" in expression.lower() else None
    value = found[0][-1] if found and len(found[0]) == 3 else ()
    while value and value[0] == "cast":
        value = value[1]
    return None if value == ("name", "null") else expression


def _generation(fragment: Fragment) -> dict[str, object]:
    manner = fragment.one_of("always", "by default")
    fragment.expect("as")
    if fragment.accept("identity"):
        if fragment.peek("("):
            fragment.parenthesised()  # the sequence's options, which are not compared
        return {"identity": manner}
    if manner != "always":
        raise fragment.error("“identity”")
    expression = fragment.parenthesised()
    storage = "stored" if fragment.accept("stored") else "virtual"
    if storage == "virtual":
        fragment.accept("virtual")
    return {"generated": expression, "storage": storage}


def read(node: Node, schema: str) -> Column:
    """Read an entry of `columns:`."""
    return parse(text(node, "a column's definition, such as: text not null"), schema)


def load(row: tuple[Any, ...], schema: str) -> Column:
    """Make a Column of a row of the catalog query."""
    type_, not_null, default, serial, generated, storage, identity, collation, alone, blocking, unproven, beneath = row
    whole = collation and collation_name(Fragment(collation))
    return Column(
        type=canonical_type(type_, schema),
        not_null=not_null,
        default=default if default is None else _unless_null(default),
        serial=serial,
        generated=generated,
        storage=storage,
        identity=identity,
        collation=whole.removeprefix(f"{quoted(schema)}.") if alone else whole,
        whole_collation=whole,
        blocking=blocking,
        unproven=unproven,
        beneath=tuple(canonical_type(one, schema) for one in beneath),
    )


def show(column: Column) -> str:
    """The column as the contract writes it."""
    parts = [_SERIAL_NAMES.get(column.type, column.type) if column.serial else column.type]
    if column.collation:
        parts.append(f"collate {column.collation}")
    if column.not_null and not column.identity and not column.serial:
        parts.append("not null")
    if column.default is not None and not column.serial:
        parts.append(f"default {column.default}")
    if generation := show_generation(column):
        parts.append(generation)
    return " ".join(parts)


def show_default(column: Column) -> str | None:
    """The default, or None."""
    return "serial" if column.serial and column.default is None else column.default


def show_generation(column: Column) -> str | None:
    """What follows GENERATED, with it, or None."""
    if column.identity:
        return f"generated {column.identity} as identity"
    return (
        f"generated always as {enclosed(column.generated)} {column.storage}" if column.generated is not None else None
    )


def show_filling(column: Column) -> str:
    """What fills the column where an insert omits it."""
    if generation := show_generation(column):
        return generation
    if column.serial:
        return "serial"
    return "not generated" if column.default is None else f"default {column.default}"


def same_type(expected: Column, actual: Column) -> bool | None:
    """Whether the types are the same; None where only the server can resolve an unqualified name."""
    if expected.type == actual.type:
        return True
    base = expected.type.removesuffix("[]").partition("(")[0]
    return False if base.partition(" ")[0] in _FIRST_WORDS or base in BUILTIN_TYPES or not alone(base) else None


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
    return Severity.ERROR if actual.blocking and not expected.not_null else Severity.WARNING


def nullability_message(ref: ObjectRef, expected: Column, actual: Column) -> str:
    """Say which side allows nulls."""
    if expected.not_null:
        return (
            f"The column {ref.dotted} allows nulls, and the contract says NOT NULL: the application does not expect "
            "any."
        )
    ending = "an insert that omits it fails" if actual.blocking else "an insert of null fails"
    return f"The column {ref.dotted} is NOT NULL, and the contract allows nulls: {ending}."


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
        return Severity.ERROR if actual.blocking else Severity.WARNING
    return Severity.WARNING if expected.bare or show_default(expected) is not None else Severity.NOTE


def default_message(ref: ObjectRef, expected: Column, actual: Column) -> str:
    """Say what an insert that omits the column stores."""
    if expected.bare:
        return f"The column {ref.dotted} has a default: an insert that omits it stores the default instead of null."
    if show_default(expected) is None:
        return f"The column {ref.dotted} has a default that the contract does not state."
    if actual.default is None:
        ending = "fails" if actual.blocking else "stores null"
        return f"The column {ref.dotted} has no default: an insert that omits it {ending}."
    return f"The column {ref.dotted} has a different default: an insert that omits it may store another value."


_READ_TYPE = """
    select pg_catalog.format_type(a.atttypid, a.atttypmod)
      from pg_catalog.pg_attribute a
     where a.attrelid = %(table)s::pg_catalog.regclass and a.attname = %(name)s"""
_READ_DEFAULT = """
    select pg_catalog.pg_get_expr(d.adbin, d.adrelid)
      from pg_catalog.pg_attrdef d
      join pg_catalog.pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
     where d.adrelid = %(table)s::pg_catalog.regclass and a.attname = %(name)s"""

KIND = Kind(
    name="column",
    section="columns",
    within="table",
    identity=("relation", "name"),
    model=Column,
    query=beside(__file__),
    entries=by_name,
    read=read,
    load=load,
    show=show,
    missing=rules.MISSING,
    forbidden=rules.FORBIDDEN,
    unexpected=rules.UNEXPECTED,
    judged_beside=True,
    harmful=(rules.BLOCKING, lambda column: column.blocking),
    attributes=(
        Attribute(
            facet="type",
            rule=rules.TYPE,
            fields=("type",),
            show=lambda column: column.type,
            same=same_type,
            form=Form(
                text=lambda column: column.type,
                sort=Sort.TYPE,
                wrap=None,
                attach=lambda column, table, name: (
                    f"alter table {table} alter column {name} type {column.type} using null"
                ),
                read=_READ_TYPE,
            ),
        ),
        Attribute(
            facet="nullability",
            rule=rules.NULLABILITY,
            fields=("not_null",),
            show=lambda column: "not null" if column.not_null else "null",
            same=same_nullability,
            severity=nullability_severity,
            message=nullability_message,
        ),
        Attribute(
            facet="default",
            rule=rules.DEFAULT,
            fields=("default", "serial"),
            show=show_default,
            same=same_default,
            severity=default_severity,
            message=default_message,
            form=Form(
                text=lambda column: column.default,
                wrap=lambda sql: f"select {sql}",
                attach=lambda column, table, name: (
                    f"alter table {table} alter column {name} set default {column.default}"
                ),
                read=_READ_DEFAULT,
                context=lambda column: column.type,
            ),
        ),
        Attribute(
            facet="generation",
            rule=rules.GENERATION,
            fields=("generated", "storage", "identity"),
            show=show_filling,
            same=same_generation,
            severity=generation_severity,
            message=generation_message,
            form=Form(
                text=lambda column: column.generated,
                wrap=lambda sql: f"select {sql}",
                attach=lambda column, table, name: (
                    f"alter table {table} drop column {name}, add column {name} {column.type} {show_generation(column)}"
                ),
                read=_READ_DEFAULT,
            ),
        ),
        Attribute(
            facet="collation",
            rule=rules.COLLATION,
            fields=("collation",),
            show=lambda column: column.collation or "the type's own",
            same=same_collation,
        ),
        not_null_proof.ATTRIBUTE,
    ),
    ignored=frozenset({"blocking", "bare", "whole_collation", "beneath"}),
    shape={"type": "string"},
    mended_by_rows=True,
)
