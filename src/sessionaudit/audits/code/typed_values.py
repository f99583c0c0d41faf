"""Have the server read values of the code into the types of columns and arguments, as it does when the request is sent.

A parse reads a literal into the type alone: the length of a numeric, the checks of a domain and the fields of a row are
not looked at before the statement runs. PostgREST reads a body by `json_to_record`, and so does this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.audits.code import rules
from sessionaudit.audits.code.evaluating import evaluated
from sessionaudit.audits.code.literals import shown
from sessionaudit.audits.code.model import Action, Fields, Items, Known, Unknown, possible
from sessionaudit.audits.code.postgrest.wire_text import UnknownPartError, json_text
from sessionaudit.core import sqlstate
from sessionaudit.sql.text import identifier, literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessionaudit.audits.code.compiling import Compiled
    from sessionaudit.audits.code.evaluating import Evaluated
    from sessionaudit.audits.code.model import CodeValue, Span
    from sessionaudit.audits.code.schema_cache.model import CachedColumn, CachedRelation, SchemaCache
    from sessionaudit.core.finding import Rule
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.postgres.connection import Connection

_CATALOG, _DOMAIN, _ENUM, _ARRAY = "pg_catalog", "d", "e", "A"
_JSON = {"json", "jsonb"}


class _ValueSlot(NamedTuple):
    """What a value is read into: a column or an argument, by a name for people; the objects that it stands on."""

    name: str
    type: str
    type_oid: int
    ref: ObjectRef | None
    stands_on: tuple[ObjectRef, ...]


class _TypedValue(NamedTuple):
    compiled: Compiled
    slot: _ValueSlot
    value: Known | Items | Fields
    text: str
    at: Span
    optional: bool


def judge_types(connection: Connection, every: Sequence[Compiled], cache: SchemaCache) -> None:
    """Have values read, in the open transaction, and add to the verdicts of requests. Raises psycopg.Error."""
    readings = [one for compiled in every for one in _readings(compiled, cache)]
    answers = evaluated(connection, map(_query, readings))
    for one in readings:
        answer = answers[_query(one)]
        if answer.state:
            _refused(one, answer)


def _readings(one: Compiled, cache: SchemaCache) -> Iterator[_TypedValue]:
    given = _of_call(one) if one.request.action is Action.CALL else _of_rows(one)
    wrong = [verdict.at for verdict in one.verdicts]
    for slot, field_value, optional in given:
        value = next(possible(field_value), None)
        if value is None or isinstance(value, Unknown) or any(_inside(at, value.at) for at in wrong):
            continue
        try:
            text = json_text(value)
        except UnknownPartError:
            continue
        if slot.type_oid in cache.calling_types:
            one.leave(value.at, f"a check of the type {slot.type} calls a function")
            continue
        yield _TypedValue(one, slot, value, text, value.at, optional)


def _inside(part: Span, whole: Span) -> bool:
    return part.file == whole.file and whole[1:3] <= part[1:3] and part[3:] <= whole[3:]


def _of_rows(one: Compiled) -> Iterator[tuple[_ValueSlot, CodeValue, bool]]:
    relation = one.relation
    if relation is None or not relation.is_table or relation.has_rules:
        return
    for row in one.rows:
        for name, given in row.fields.items():
            column = relation.columns.get(name)
            known = column is not None and not (isinstance(given.value, Known) and given.value.value is None)
            if column is None or not known or column.generated:
                continue
            if _tells_more(column) or _has_no_literal(given.value, column.category, column.json_type):
                yield _slot_of(relation, column), given.value, given.optional


def _tells_more(column: CachedColumn) -> bool:
    """Whether a parse does not tell all about a value of a column."""
    if column.sort == _ENUM:
        return False
    return column.sort == _DOMAIN or column.type != column.json_type or column.type_schema != _CATALOG


def _has_no_literal(value: CodeValue, category: str, type_: str) -> bool:
    """Whether a list or an object is written into a type that is none, so that no literal stands for it."""
    one = next(possible(value), None)
    if not isinstance(one, Items | Fields) or type_ in _JSON:
        return False
    return category != _ARRAY or isinstance(one, Fields) or not all(isinstance(item, Known) for item in one.values)


def _slot_of(relation: CachedRelation, column: CachedColumn) -> _ValueSlot:
    ref = relation.column_ref(column.name)
    return _ValueSlot(
        f"{'.'.join(relation.path)}.{column.name}", column.type, column.type_oid, ref, (relation.ref, ref)
    )


def _of_call(one: Compiled) -> Iterator[tuple[_ValueSlot, CodeValue, bool]]:
    function = one.routine
    payload = next(possible(one.request.payload), None) if one.request.payload is not None else None
    if function is None or not isinstance(payload, Fields) or one.wire.method != "POST":
        return
    given = {field.name: field for field in payload.fields}
    for parameter in function.parameters:
        field = given.get(parameter.name)
        if field is None or parameter.variadic:
            continue
        if parameter.of_users or _has_no_literal(field.value, parameter.category, parameter.type):
            name = f"the argument {parameter.name} of {'.'.join(function.path)}"
            slot = _ValueSlot(name, parameter.type, parameter.type_oid, function.ref, (function.ref,))
            yield slot, field.value, field.optional


def _query(one: _TypedValue) -> str:
    body = literal(f'{{"v":{one.text}}}'.replace("\\u0000", "")).lstrip()
    return f"select v from pg_catalog.json_to_record({body}) as _ ({identifier('v')} {one.slot.type})"


def _refused(one: _TypedValue, answer: Evaluated) -> None:
    rule = _rule(answer.state)
    if rule is None:
        one.compiled.leave(one.at, f"the server cannot read it: {answer.message} ({answer.state})")
        return
    text = shown(one.value)
    message = f"{one.slot.name} cannot be “{text}”: it is of the type {one.slot.type}"
    if rule is rules.REFUSED_BY_CHECK:
        message = f"the check {answer.constraint} of the type {one.slot.type} refuses “{text}” in {one.slot.name}"
    elif rule is rules.NULL_VALUE:
        message = f"{one.slot.name} does not permit null: it is of the type {one.slot.type}"
    one.compiled.found(
        rule,
        one.at,
        message,
        answer.state,
        ref=one.slot.ref,
        expected=one.slot.type,
        actual=text,
        hint="" if rule is not rules.IMPOSSIBLE_VALUE else answer.detail or f"PostgreSQL says: {answer.message}.",
        stands_on=one.slot.stands_on,
        certain=not one.optional,
    )


def _rule(state: str) -> Rule | None:
    if state == sqlstate.CHECK_VIOLATION:
        return rules.REFUSED_BY_CHECK
    if state == sqlstate.NOT_NULL_VIOLATION:
        return rules.NULL_VALUE
    return rules.IMPOSSIBLE_VALUE if state.startswith(sqlstate.DATA_EXCEPTION) else None
