"""Compile the call of a function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.code.literals import put
from sessionaudit.audits.code.placed_sql import VALUE, Mark
from sessionaudit.audits.code.postgrest.wire_text import HOLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessionaudit.audits.code.model import NamedValue
    from sessionaudit.audits.code.placed_sql import PlacedSql
    from sessionaudit.audits.code.postgrest.wire import QueryParameter
    from sessionaudit.audits.code.schema_cache.model import Routine


def call_sql(
    sql: PlacedSql, routine: Routine, given: Mapping[str, NamedValue], sent: Mapping[str, QueryParameter]
) -> None:
    """Add the call: its arguments come from a body of JSON (`given`), or from the query of a GET (`sent`)."""
    sql.add("select pgrst_call.* from " if routine.composite else "select ")
    sql.name(*routine.path).add("(")
    word = ""
    for one in routine.parameters:
        if not one.name:
            sql.add(word).parameter().add(f"::{one.type}")
            word = ", "
            continue
        argument, text = given.get(one.name), sent.get(one.name)
        if argument is None and text is None:
            continue
        sql.add(word + ("variadic " if one.variadic else "")).name(one.name).add(" := ")
        word = ", "
        if argument is not None:
            put(sql, argument.value, one.category, one.type, cast=True)
        elif text is not None and HOLE not in text.value.text:
            sql.literal(text.value.text, Mark(VALUE, text.value.text, text.value.span() or text.at))
            sql.add(f"::{one.type}")
        else:
            sql.parameter().add(f"::{one.type}")
    sql.add(") pgrst_call" if routine.composite else ") as pgrst_scalar")
