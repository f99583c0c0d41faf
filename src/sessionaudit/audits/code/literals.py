"""Spell a value of the code as SQL, as it gets into a column or an argument by way of JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.code.model import Fields, Items, Known, possible
from sessionaudit.audits.code.placed_sql import VALUE, Mark
from sessionaudit.audits.code.postgrest.wire_text import UnknownPartError, json_text, spelled

if TYPE_CHECKING:
    from sessionaudit.audits.code.model import CodeValue
    from sessionaudit.audits.code.placed_sql import PlacedSql
    from sessionaudit.audits.code.schema_cache.model import CachedColumn, CachedRelation

_OF_JSON = {"json", "jsonb"}
_ARRAY, _COMPOSITE, _TEXT = "A", "C", "S"
_MOST_OF_A_TEXT = 60
# An object in place of one of these is an error, whatever is in it.
_PLAIN = frozenset({"N", "B", "D", "T", "E"})


def put(
    sql: PlacedSql,
    value: CodeValue | None,
    category: str,
    type_: str,
    *,
    relation: CachedRelation | None = None,
    column: CachedColumn | None = None,
    cast: bool = False,
    optional: bool = False,
) -> None:
    """Add a value to a statement: a literal where it is known, else a parameter.

    `category` is pg_type.typcategory, `type_` the type as SQL spells it. With `cast`, it is cast to the type.
    """
    one = next(possible(value), None) if value is not None else None
    atom = sql.new_atom(f"null::{type_}" if cast else "null")
    sql.begin(atom)
    mark = Mark(VALUE, shown(one), one.at if one is not None else None, relation, column, optional)
    if isinstance(one, Known) and one.value is None:
        sql.add("null")
    elif isinstance(one, (Known, Items, Fields)) and type_ in _OF_JSON:
        _whole(sql, one, mark)
    elif isinstance(one, Known):
        sql.literal(spelled(one.value), mark)
    elif isinstance(one, Items) and category == _ARRAY and (known := _all_known(one)) is not None:
        _array(sql, known, type_, relation, column)
    elif isinstance(one, (Items, Fields)) and category in _PLAIN:
        _whole(sql, one, mark)
    else:
        sql.parameter()
    sql.end()
    if cast:
        sql.add(f"::{type_}")


def _whole(sql: PlacedSql, value: Known | Items | Fields, mark: Mark) -> None:
    try:
        sql.literal(json_text(value), mark)
    except UnknownPartError:
        sql.parameter()


def _array(
    sql: PlacedSql, items: list[Known], type_: str, relation: CachedRelation | None, column: CachedColumn | None
) -> None:
    sql.add("array[")
    for number, one in enumerate(items):
        sql.add(", " if number else "")
        sql.begin(sql.new_atom("null"))
        if one.value is None:
            sql.add("null")
        else:
            sql.literal(spelled(one.value), Mark(VALUE, shown(one), one.at, relation, column))
        sql.end()
    sql.add(f"]::{type_}")


def _all_known(items: Items) -> list[Known] | None:
    found = [one for one in items.values if isinstance(one, Known)]
    return found if len(found) == len(items.values) else None


def shown(value: CodeValue | None) -> str:
    """Return a value in few words, as it is sent; "" for one of which some is not known."""
    if isinstance(value, Known):
        return spelled(value.value)
    try:
        text = json_text(value) if isinstance(value, Items | Fields) else ""
    except UnknownPartError:
        return ""
    return text if len(text) <= _MOST_OF_A_TEXT else text[:_MOST_OF_A_TEXT] + "…"
