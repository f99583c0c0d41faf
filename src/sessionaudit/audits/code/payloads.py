"""Judge what a parse does not tell: what is written, by which key, and how many rows come of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.code import rules
from sessionaudit.audits.code.checked_values import judge_checks
from sessionaudit.audits.code.model import Action, Items, Known, possible
from sessionaudit.audits.code.postgrest.filters import FilterTerm
from sessionaudit.audits.code.postgrest.wire import OBJECT
from sessionaudit.audits.code.postgrest.wire_text import HOLE
from sessionaudit.audits.code.required_columns import GETS_DEFAULT, left_out, may_be_filled, refuses_null
from sessionaudit.audits.code.typed_values import judge_types
from sessionaudit.audits.code.writing import fixed
from sessionaudit.core import sqlstate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.audits.code.compiling import Compiled
    from sessionaudit.audits.code.schema_cache.model import CachedColumn, CachedRelation, SchemaCache
    from sessionaudit.audits.code.writing import WrittenRow
    from sessionaudit.postgres.connection import Connection

_INSERTS = {Action.INSERT, Action.UPSERT}
_WRITES = {*_INSERTS, Action.UPDATE}
_MANY = "PGRST116"


def judge_payload(connection: Connection, every: Sequence[Compiled], cache: SchemaCache) -> None:
    """Judge requests of which the relation or the function is known, in the open transaction; add to their verdicts.

    Raises psycopg.Error.
    """
    for one in every:
        relation = one.relation
        if relation is None:
            continue
        if relation.is_kept_query and one.request.action in {*_WRITES, Action.DELETE}:
            _unchangeable(one, relation)
        elif one.request.action in _WRITES:
            if relation.is_table and not relation.has_rules:
                _values(one, relation)
            else:
                one.leave(one.request.at, f"{'.'.join(relation.path)} is no table, or rules rewrite what is written")
        if one.request.action is Action.UPSERT and relation.is_table:
            _conflict(one, relation)
        if one.request.action in {Action.UPDATE, Action.DELETE}:
            _filtered(one, relation)
        if one.wire.accept == OBJECT or one.wire.maybe_single:
            _single(one, relation)
    judge_types(connection, every, cache)
    judge_checks(connection, [one for one in every if one.request.action in _WRITES])


def _unchangeable(one: Compiled, relation: CachedRelation) -> None:
    one.found(
        rules.REJECTED_STATEMENT,
        one.at,
        f"{'.'.join(relation.path)} is a materialized view, which cannot be changed",
        sqlstate.WRONG_OBJECT_TYPE,
        ref=relation.ref,
        hint="Write into the tables that it is made of, and refresh it.",
        stands_on=(relation.ref,),
    )


def _values(one: Compiled, relation: CachedRelation) -> None:
    action = one.request.action
    fills = relation.fills_inserted if action in _INSERTS else relation.fills_updated
    told: set[str] = set()
    for row in one.rows:
        for name, given in row.fields.items():
            column = relation.columns.get(name)
            if column is None or name in told:
                continue
            if fixed(column, action):
                told.add(name)
                _generated(one, relation, column, given.at, certain=not given.optional)
                continue
            value = next(possible(given.value), None)
            if isinstance(value, Known):
                _value(one, relation, column, value, fills=fills, optional=given.optional)
    if action in _INSERTS:
        for row in one.rows:
            _omitted(one, relation, row, fills=fills)


def _generated(one: Compiled, relation: CachedRelation, column: CachedColumn, at: object, *, certain: bool) -> None:
    kind = "is generated" if column.generated else "is an identity column that is always generated"
    place = next(given.at for row in one.rows for given in row.fields.values() if given.at == at)
    one.found(
        rules.GENERATED_COLUMN,
        place,
        f"{'.'.join(relation.path)}.{column.name} {kind}, and cannot be written",
        sqlstate.GENERATED_ALWAYS,
        ref=relation.column_ref(column.name),
        actual=column.name,
        hint=f"Leave {column.name} out.",
        stands_on=(relation.ref, relation.column_ref(column.name)),
        certain=certain,
    )


def _value(
    one: Compiled, relation: CachedRelation, column: CachedColumn, value: Known, *, fills: bool, optional: bool
) -> None:
    ref = relation.column_ref(column.name)
    if value.value is None and column.not_null:
        if fills:
            one.leave(value.at, may_be_filled(relation.path, column.name))
            return
        one.found(
            rules.NULL_VALUE,
            value.at,
            refuses_null(relation.path, column.name),
            sqlstate.NOT_NULL_VIOLATION,
            ref=ref,
            actual="null",
            hint=GETS_DEFAULT if column.has_default else "",
            stands_on=(relation.ref, ref),
            certain=not optional,
        )
    if isinstance(value.value, str) and column.longest and len(value.value.rstrip(" ")) > column.longest:
        one.found(
            rules.IMPOSSIBLE_VALUE,
            value.at,
            f"{'.'.join(relation.path)}.{column.name} takes {column.longest} characters, and this has "
            f"{len(value.value)}",
            sqlstate.STRING_DATA_RIGHT_TRUNCATION,
            ref=ref,
            expected=column.type,
            actual=value.value,
            stands_on=(relation.ref, ref),
            certain=not optional,
        )


def _omitted(one: Compiled, relation: CachedRelation, row: WrittenRow, *, fills: bool) -> None:
    """Note columns without which the row cannot be inserted."""
    if row.open:
        return
    defaults = "missing=default" in one.wire.prefer
    in_others = {name for other in one.rows for name in other.fields} if len(one.rows) > 1 else set[str]()
    for column in relation.columns.values():
        name = column.name
        if name in row.fields or not column.not_null or column.generated or column.identity == "a":
            continue
        in_another = name in in_others and not defaults
        if column.has_default and not in_another:
            continue
        ref = relation.column_ref(name)
        if fills:
            one.leave(row.at, may_be_filled(relation.path, name))
            continue
        if in_another and column.has_default:
            message = f"{'.'.join(relation.path)}.{name} is null in a row without it, as other rows of the list have it"
            hint = "Give it in each row, or insert with { defaultToNull: false }."
        else:
            message = left_out(relation.path, name)
            hint = ""
        one.found(
            rules.NULL_VALUE if in_another and column.has_default else rules.OMITTED_COLUMN,
            row.at,
            message,
            sqlstate.NOT_NULL_VIOLATION,
            ref=ref,
            expected=name,
            actual=name,
            hint=hint,
            stands_on=(relation.ref, ref),
        )


def _conflict(one: Compiled, relation: CachedRelation) -> None:
    """Note an upsert whose columns no unique index has."""
    named = one.query.on_conflict
    if named is None or not all(field.known and field.name in relation.columns for field in named):
        return
    wanted = {field.name for field in named}
    if any(set(key.columns) == wanted and key.decides for key in relation.keys):
        return
    partial = any(set(key.columns) == wanted and key.partial for key in relation.keys)
    usable = [f"({', '.join(key.columns)})" for key in relation.keys if key.decides]
    hint = "The unique index on them is partial, which does not count." if partial else ""
    hint = hint or (f"Unique are {', '.join(usable)}." if usable else "The table has no unique index.")
    text = one.query.on_conflict_text
    one.found(
        rules.NO_CONFLICT_KEY,
        text.span(0, len(text.text)) or one.request.at,
        f"no unique index of {'.'.join(relation.path)} has exactly the columns {', '.join(sorted(wanted))}",
        sqlstate.INVALID_COLUMN_REFERENCE,
        ref=relation.ref,
        actual=text.text,
        hint=hint,
        stands_on=(relation.ref,),
    )


def _filtered(one: Compiled, relation: CachedRelation) -> None:
    if one.query.unread or one.query.malformed or any(not each.tables for each in one.query.filters):
        return
    deletes = one.request.action is Action.DELETE
    one.found(
        rules.UNFILTERED_WRITE,
        one.request.at,
        f"this {'deletes' if deletes else 'updates'} every row of {'.'.join(relation.path)}",
        ref=relation.ref,
        hint="If that is meant, write a filter that holds for every row, as .not('id', 'is', null).",
        stands_on=(relation.ref,),
        certain=False,
    )


def _single(one: Compiled, relation: CachedRelation) -> None:
    """Note a request for one row where nothing prevents that there are several."""
    if not relation.is_table or one.query.unread or one.query.malformed or one.request.action is Action.CALL:
        return
    if one.request.action in _INSERTS:
        payload = one.request.payload
        if not isinstance(payload, Items) or payload.open or len(payload.values) < 2:
            return
        message = f"{len(payload.values)} rows are inserted, and one is wanted"
    else:
        limit = one.query.limits.get(())
        if limit is not None and (limit.value.text == "1" or HOLE in limit.value.text):
            return
        equal = {
            each.tree.field.name
            for each in one.query.filters
            if not each.tables and not each.optional and isinstance(each.tree, FilterTerm) and _equals(each.tree)
        }
        filters = len(one.query.filters)
        if any(
            key.columns
            and set(key.columns) <= equal
            # A further filter may be what a partial index requires of its rows.
            and (not key.partial or filters > len(key.columns))
            for key in relation.keys
        ):
            return
        if one.tree and any(item.aggregate for item, _ in one.tree.columns):
            return
        by = f" by {', '.join(sorted(equal))}" if equal else ""
        message = f"several rows of {'.'.join(relation.path)} may be found{by}, and one is wanted"
    one.found(
        rules.SEVERAL_ROWS,
        next((each.at for each in one.request.modifiers if "ingle" in each.name), one.request.at),
        message,
        _MANY,
        ref=relation.ref,
        hint="Filter by a unique key, or order the rows and write .limit(1).",
        stands_on=(relation.ref,),
        certain=False,
    )


def _equals(term: FilterTerm) -> bool:
    return term.operator == "eq" and not term.negated and not term.quantifier and not term.field.path
