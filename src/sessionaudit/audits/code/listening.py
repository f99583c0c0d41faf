"""Compile what a subscription to changes asks for: its event, and the filter, which Realtime reads by itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionaudit.audits.code import rules
from sessionaudit.audits.code.placed_sql import VALUE, Mark, PlacedSql
from sessionaudit.audits.code.postgrest.wire import option
from sessionaudit.audits.code.postgrest.wire_text import HOLE, interpolated
from sessionaudit.audits.code.verdict import meant
from sessionaudit.core.ref import ObjectRef, dotted

if TYPE_CHECKING:
    from sessionaudit.audits.code.compiling import Compiled
    from sessionaudit.audits.code.postgrest.wire_text import WireText
    from sessionaudit.audits.code.schema_cache.model import CachedColumn, CachedRelation, RelationPath

_PUBLICATION = "supabase_realtime"
_EVENTS = ("INSERT", "UPDATE", "DELETE", "*")
_OPERATORS = ("eq", "neq", "lt", "lte", "gt", "gte", "in")
_FILTER = re.compile(r"(?P<column>[^=]*)=(?P<operator>[^.]*)\.(?P<value>.*)", re.DOTALL)


def compile_listening(one: Compiled, relation: CachedRelation, published: frozenset[RelationPath] | None) -> None:
    """Add to a request what Realtime does not take, and the statement that casts the values of its filter.

    `published` are the tables whose changes it is told of, None if that is not known.
    """
    if published is not None and relation.path not in published:
        _unheard(one, relation)
    for name, judge in (("event", _event), ("filter", _filter)):
        said = option(one.request.options, name)
        if said is not None and said.at.line:  # `undefined` stands nowhere
            judge(one, relation, interpolated(said))


def _unheard(one: Compiled, relation: CachedRelation) -> None:
    publication = ObjectRef("publication", (_PUBLICATION,))
    name = dotted(relation.path)
    one.found(
        rules.UNHEARD_TABLE,
        one.at,
        f"no change of {'.'.join(relation.path)} is told: it is not in the publication {_PUBLICATION}",
        ref=relation.ref,
        actual=".".join(relation.path),
        hint=f"alter publication {_PUBLICATION} add table {name};" if relation.is_table else "Listen to its tables.",
        stands_on=(relation.ref, publication),
        certain=False,
    )


def _event(one: Compiled, _relation: CachedRelation, text: WireText) -> None:
    if text.known and text.text.upper() not in _EVENTS:
        one.found(
            rules.MALFORMED_QUERY,
            text.span(0, len(text.text)) or one.request.at,
            f"there is no event “{text.text}”",
            actual=text.text,
            hint=meant(text.text.upper(), _EVENTS) or f"It is one of: {', '.join(_EVENTS)}.",
        )


def _filter(one: Compiled, relation: CachedRelation, text: WireText) -> None:
    said = _FILTER.fullmatch(text.text)
    if said is None:
        if text.known:
            at = text.span(0, len(text.text)) or one.request.at
            hint = "Write the column, the operator and the value, as in status=eq.open."
            message = f"Realtime cannot read the filter “{text.text}”"
            one.found(rules.MALFORMED_QUERY, at, message, actual=text.text, hint=hint)
        else:
            one.leave(one.request.at, "the filter is not known")
        return
    name, operator = said["column"], said["operator"]
    column = relation.columns.get(name)
    if HOLE in name + operator:
        one.leave(text.span(0, len(text.text)) or one.request.at, "the filter is not known")
        return
    if column is None:
        one.found(
            rules.UNKNOWN_COLUMN,
            text.span(0, max(len(name), 1)) or one.request.at,
            f"{'.'.join(relation.path)} has no column “{name}”",
            ref=relation.column_ref(name),
            actual=name,
            hint=meant(name, relation.columns),
            stands_on=(relation.ref,),
        )
    if operator not in _OPERATORS:
        one.found(
            rules.MALFORMED_QUERY,
            text.span(said.start("operator"), said.end("operator")) or one.request.at,
            f"Realtime has no operator “{operator}”",
            actual=operator,
            hint=f"It has: {', '.join(_OPERATORS)}.",
        )
    elif column is not None:
        _values(one, relation, column, operator, text.part(said.start("value")))


def _values(one: Compiled, relation: CachedRelation, column: CachedColumn, operator: str, text: WireText) -> None:
    listed = operator == "in"
    inside = re.fullmatch(r"\((.*)\)", text.text, re.DOTALL) if listed else None
    start = inside.start(1) if inside else 0
    parts = inside[1].split(",") if inside else [text.text]
    sql = PlacedSql().add("select ")
    for number, part in enumerate(parts):
        sql.add(", " if number else "")
        sql.begin(sql.new_atom("null"))
        if HOLE in part:
            sql.parameter()
        else:
            at = text.span(start, start + max(len(part), 1))
            sql.literal(part.strip() if listed else part, Mark(VALUE, part, at, relation, column))
        sql.end()
        sql.add(f"::{column.type}")
        start += len(part) + 1
    one.sql = sql
