"""Have the server evaluate check constraints on the values that code writes, read as PostgREST reads a body."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.audits.code import rules
from sessionaudit.audits.code.evaluating import evaluated
from sessionaudit.audits.code.literals import shown
from sessionaudit.audits.code.model import Action, Known, possible
from sessionaudit.audits.code.postgrest.wire_text import UnknownPartError, json_text
from sessionaudit.core import sqlstate
from sessionaudit.core.ref import ObjectRef
from sessionaudit.sql.text import identifier, literal

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sessionaudit.audits.code.compiling import Compiled
    from sessionaudit.audits.code.model import CodeValue, Span
    from sessionaudit.audits.code.schema_cache.model import CachedCheck, CachedColumn, CachedRelation
    from sessionaudit.audits.code.writing import WrittenRow
    from sessionaudit.postgres.connection import Connection

_NULL = "null"


class _CheckedField(NamedTuple):
    """A column that a check looks at: its value in JSON and in words, and its place, None for one that is left out."""

    column: CachedColumn
    text: str
    words: str
    at: Span | None
    optional: bool


class _CheckedRow(NamedTuple):
    compiled: Compiled
    relation: CachedRelation
    check: CachedCheck
    fields: tuple[_CheckedField, ...]
    at: Span


def judge_checks(connection: Connection, every: Sequence[Compiled]) -> None:
    """Evaluate, in the open transaction, and add to the verdicts of requests. Raises psycopg.Error."""
    trials = [trial for one in every for trial in _trials(one)]
    answers = evaluated(connection, map(_query, trials))
    for trial in trials:
        if answers[_query(trial)].value is False:
            _refused(trial)


def _trials(one: Compiled) -> list[_CheckedRow]:
    relation = one.relation
    if relation is None or not relation.is_table or relation.has_rules:
        return []
    if relation.fills_updated if one.request.action is Action.UPDATE else relation.fills_inserted:
        return []
    wrong = {verdict.at for verdict in one.verdicts}
    found: list[_CheckedRow] = []
    for row in one.rows:
        for check in relation.checks:
            fields = _fields(one, relation, check, row, wrong)
            if fields is None:
                continue
            at = next((field.at for field in fields if field.at is not None), row.at)
            if check.plain:
                found.append(_CheckedRow(one, relation, check, fields, at))
            else:
                one.leave(at, f"the check {check.name} calls a function")
    return found


def _fields(
    one: Compiled, relation: CachedRelation, check: CachedCheck, row: WrittenRow, wrong: Collection[Span]
) -> tuple[_CheckedField, ...] | None:
    """Return what a check looks at; None where the code does not tell all of it."""
    found: list[_CheckedField] = []
    for name in check.columns:
        column = relation.columns.get(name)
        given = row.fields.get(name)
        if column is None or column.generated:
            return None
        if given is None:
            if row.open or not _is_null(one, column):
                return None
            found.append(_CheckedField(column, _NULL, _NULL, None, False))
            continue
        value = next(possible(given.value), None)
        text = _text(value)
        if value is None or text is None or value.at in wrong:
            return None
        found.append(_CheckedField(column, text, shown(value), value.at, given.optional))
    return tuple(found)


def _is_null(one: Compiled, column: CachedColumn) -> bool:
    """Whether a column that a row leaves out is null in it."""
    if one.request.action is Action.UPDATE:
        return False
    in_another = len(one.rows) > 1 and any(column.name in row.fields for row in one.rows)
    return not column.has_default or (in_another and "missing=default" not in one.wire.prefer)


def _text(value: CodeValue | None) -> str | None:
    if isinstance(value, Known) and isinstance(value.value, str) and "\0" in value.value:
        return None
    try:
        return json_text(value) if value is not None else None
    except UnknownPartError:
        return None


def _query(trial: _CheckedRow) -> str:
    columns = ", ".join(f"{identifier(field.column.name)} {field.column.type}" for field in trial.fields)
    pairs = ",".join(f"{json.dumps(field.column.name, ensure_ascii=False)}:{field.text}" for field in trial.fields)
    row = f"pg_catalog.json_to_record({literal('{' + pairs + '}').lstrip()})"
    return f"select ({trial.check.expression}) from {row} as {identifier(trial.relation.path[1])} ({columns})"


def _refused(trial: _CheckedRow) -> None:
    relation, check, fields = trial.relation, trial.check, trial.fields
    ref = ObjectRef("check", (*relation.path, check.name))
    table = ".".join(relation.path)
    if len(fields) == 1:
        said = f"“{fields[0].words}” in {table}.{fields[0].column.name}"
    else:
        said = " with ".join(f"{field.column.name} “{field.words}”" for field in fields) + f" in {table}"
    trial.compiled.found(
        rules.REFUSED_BY_CHECK,
        trial.at,
        f"{check.name} refuses {said}",
        sqlstate.CHECK_VIOLATION,
        ref=ref,
        expected=check.expression,
        actual=", ".join(field.words for field in fields),
        stands_on=(relation.ref, *(relation.column_ref(field.column.name) for field in fields), ref),
        certain=not any(field.optional for field in fields),
    )
