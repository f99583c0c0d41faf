"""Columns: type, nullability, default, identity, generation, collation."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, ClassVar

from sessionaudit.core.compared import Compared
from sessionaudit.core.node import Node, text
from sessionaudit.kinds.common.naming import collation_name
from sessionaudit.kinds.common.stated_type import stated_type
from sessionaudit.kinds.sequence import options as sequence_options
from sessionaudit.kinds.sequence.options import BITS, SequenceOptions
from sessionaudit.sql.expression import tree
from sessionaudit.sql.fragment import SERIALS, Fragment, canonical_type, type_name
from sessionaudit.sql.text import enclosed, quoted


class Column(Compared, frozen=True, kw_only=True):
    """A column.

    `not_null` is None for a view's, of which PostgreSQL does not know it, and where the type refuses
    null by itself. `serial` is set where the default takes the next value of a sequence that belongs to the column.
    `storage` is `stored` or `virtual` where `generated` is an expression; `identity` is `always` or `by default`.
    `counting` has the options of an identity's sequence: None where the contract does not state any, and where a real
    one's are the usual ones; `uncounted` tells that a real identity has no sequence of its own. Of a real column,
    `blocking` tells whether an insert that omits it fails, unless a trigger or a rule prevents that, which may be where
    it is `triggered`; `whole_collation` is the collation with its schema, `unproven` names its NOT NULL where that was
    never held against older rows, and `beneath` has the types under a domain, its own or its elements', that refuse
    less than that; `inherited` tells that it is there only because a parent of the table has it, and `filled_apart`
    that its default is none of its parents'. `bare` tells of an expected one that the contract says itself that there
    is no default.
    """

    aside: ClassVar = frozenset(
        {"bare", "beneath", "blocking", "counted_apart", "filled_apart", "inherited", "triggered"}
        | {"uncounted", "whole_collation"}
    )

    type: str
    not_null: bool | None = False
    default: str | None = None
    serial: bool = False
    generated: str | None = None
    storage: str = ""
    identity: str = ""
    counting: SequenceOptions | None = None
    uncounted: bool = False
    collation: str = ""
    whole_collation: str = ""
    blocking: bool = False
    bare: bool = False
    unproven: str = ""
    beneath: tuple[str, ...] = ()
    inherited: bool = False
    filled_apart: bool = False
    counted_apart: bool = False
    triggered: bool = False


_SERIAL_NAMES = {"integer": "serial", "bigint": "bigserial", "smallint": "smallserial"}
_STOPS = (("not", "null"), ("null",), ("generated",), ("collate",), ("default",))


@lru_cache(maxsize=65536)
def parse(definition: str, schema: str) -> Column:
    """Read what follows a column's name in CREATE TABLE. Raises FragmentError."""
    fragment = Fragment(definition)
    kind = stated_type(fragment, schema)
    serial = kind in SERIALS
    found: dict[str, Any] = {"type": SERIALS.get(kind, kind), "serial": serial, "not_null": serial}
    while not fragment.done:
        if fragment.accept("not", "null"):
            found["not_null"] = True
        elif fragment.accept("null"):
            pass
        elif fragment.accept("default"):
            found["default"] = None if null(fragment) else unless_null(fragment.until(*_STOPS))
            found["bare"] = found["default"] is None
        elif fragment.accept("collate"):
            found["collation"] = collation_name(fragment)
        elif fragment.accept("generated"):
            found.update(_generation(fragment, str(found["type"])))
        else:
            raise fragment.error(
                "“not null”, “default”, “generated” or “collate”",
                hint="Declare keys, references and checks under constraints:, with their names.",
            )
    if found.get("identity"):
        found["not_null"] = True
    return Column(**found)


def null(fragment: Fragment) -> bool:
    """Take null, perhaps with a cast; false where something else comes next."""
    if not fragment.accept("null"):
        return False
    if fragment.accept("::"):
        type_name(fragment, "")
    return True


def unless_null(expression: str) -> str | None:
    """The default, unless it is null in parentheses or with a cast, which is the same as no default."""
    found = tree(f"select {expression}", "") if "null" in expression.lower() else None
    value = found[0][-1] if found and len(found[0]) == 3 else ()
    while value and value[0] == "cast":
        value = value[1]
    return None if value == ("name", "null") else expression


def _generation(fragment: Fragment, type_: str) -> dict[str, object]:
    manner = fragment.one_of("always", "by default")
    fragment.expect("as")
    if fragment.accept("identity"):
        if not fragment.peek("("):
            return {"identity": manner}
        before = fragment.error("an identity of smallint, integer or bigint")
        if type_ not in BITS:
            raise before
        inner = fragment.inner()
        counting = sequence_options.parse(inner, type_)
        inner.end("an option of the sequence")
        return {"identity": manner, "counting": counting}
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
    (
        type_,
        not_null,
        default,
        serial,
        generated,
        storage,
        identity,
        numbers,
        collation,
        alone,
        blocking,
        unproven,
        beneath,
        inherited,
        filled_apart,
        counted_apart,
        triggered,
    ) = row
    whole = collation and collation_name(Fragment(collation))
    return Column(
        type=canonical_type(type_, schema),
        not_null=not_null,
        default=default if default is None else unless_null(default),
        serial=serial,
        generated=generated,
        storage=storage,
        identity=identity,
        counting=_counting(numbers, type_),
        uncounted=bool(identity) and not numbers,
        collation=whole.removeprefix(f"{quoted(schema)}.") if alone else whole,
        whole_collation=whole,
        blocking=blocking,
        unproven=unproven,
        beneath=tuple(canonical_type(one, schema) for one in beneath or ()),
        inherited=inherited,
        filled_apart=filled_apart,
        counted_apart=bool(counted_apart),
        triggered=triggered,
    )


def _counting(numbers: str, type_: str) -> SequenceOptions | None:
    """The options of an identity's sequence, unless they are the usual ones."""
    if not numbers or type_ not in BITS:
        return None
    found = sequence_options.load(numbers, type_)
    return None if found == sequence_options.usual(type_) else found


def show(column: Column) -> str:
    """The column as the contract writes it."""
    serial = column.serial and not column.counted_apart
    parts = [_SERIAL_NAMES.get(column.type, column.type) if serial else column.type]
    if column.collation:
        parts.append(f"collate {column.collation}")
    if column.not_null and not column.identity and not serial:
        parts.append("not null")
    if column.default is not None and not serial:
        parts.append(f"default {column.default}")
    if generation := show_generation(column):
        parts.append(generation)
    return " ".join(parts)


def spell(column: Column) -> str:
    """The column as the contract writes it, complete enough to raise no note."""
    filled = column.default is not None or column.serial or column.identity or column.generated is not None
    return show(column) if filled else f"{show(column)} default null"


# The names of types that a person would write, by PostgreSQL's own.
_SHORT = (
    ("timestamp with time zone", "timestamptz"),
    ("timestamp without time zone", "timestamp"),
    ("time with time zone", "timetz"),
    ("time without time zone", "time"),
    ("character varying", "varchar"),
)


def condensed(column: Column) -> str:
    """The column as a person would write it, with the short names of types."""
    said = show(column)
    for long, short in _SHORT:
        if said.startswith(long):
            return short + said[len(long) :]
    return said


def show_default(column: Column) -> str | None:
    """The default, or None."""
    return "serial" if column.serial and column.default is None else column.default


def show_generation(column: Column) -> str | None:
    """What follows GENERATED, with it, or None."""
    if column.identity:
        stated = show_counting(column)
        return f"generated {column.identity} as identity{f' ({stated})' if stated else ''}"
    return (
        f"generated always as {enclosed(column.generated)} {column.storage}" if column.generated is not None else None
    )


def show_counting(column: Column) -> str:
    """The options of an identity's sequence that differ from the usual ones, in the words of CREATE SEQUENCE."""
    return sequence_options.spell(column.counting, typed=False) if column.counting else ""


def show_filling(column: Column) -> str:
    """What fills the column where an insert omits it."""
    if generation := show_generation(column):
        return generation
    if column.serial:
        return "serial"
    return "not generated" if column.default is None else f"default {column.default}"
