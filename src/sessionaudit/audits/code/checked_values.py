"""Have the server evaluate check constraints of one column on the values that code writes into it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.audits.code import rules
from sessionaudit.audits.code.evaluating import evaluated
from sessionaudit.audits.code.model import Action, Known, possible
from sessionaudit.audits.code.postgrest.wire_text import spelled
from sessionaudit.core import sqlstate
from sessionaudit.core.ref import ObjectRef
from sessionaudit.sql.text import identifier, literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.audits.code.compiling import Compiled
    from sessionaudit.audits.code.schema_cache.model import CachedCheck, CachedColumn, CachedRelation
    from sessionaudit.postgres.connection import Connection

_JSON = {"json", "jsonb"}


class _CheckedValue(NamedTuple):
    compiled: Compiled
    relation: CachedRelation
    column: CachedColumn
    check: CachedCheck
    value: Known
    optional: bool


def judge_checks(connection: Connection, every: Sequence[Compiled]) -> None:
    """Evaluate, in the open transaction, and add to the verdicts of requests. Raises psycopg.Error."""
    trials = [trial for one in every for trial in _trials(one)]
    answers = evaluated(connection, map(_query, trials))
    for trial in trials:
        if answers[_query(trial)].value is False:
            _refused(trial)


def _trials(one: Compiled) -> list[_CheckedValue]:
    relation = one.relation
    if relation is None or not relation.is_table or relation.has_rules:
        return []
    if relation.fills_updated if one.request.action is Action.UPDATE else relation.fills_inserted:
        return []
    wrong = {verdict.at for verdict in one.verdicts}
    found: list[_CheckedValue] = []
    for row in one.rows:
        for name, given in row.fields.items():
            value = next(possible(given.value), None)
            column = relation.columns.get(name)
            if column is None or not isinstance(value, Known) or value.value is None or value.at in wrong:
                continue
            if column.json_type in _JSON or column.generated:
                continue
            checks = (check for check in relation.checks if check.columns == (name,) and check.plain)
            found += [_CheckedValue(one, relation, column, check, value, given.optional) for check in checks]
    return found


def _query(trial: _CheckedValue) -> str:
    value = f"{literal(spelled(trial.value.value).replace(chr(0), ''))}::{trial.column.type}"
    row = f"(select {value} as {identifier(trial.column.name)}) as {identifier(trial.relation.path[1])}"
    return f"select ({trial.check.expression}) from {row}"


def _refused(trial: _CheckedValue) -> None:
    relation, column, check = trial.relation, trial.column, trial.check
    ref = ObjectRef("check", (*relation.path, check.name))
    text = spelled(trial.value.value)
    trial.compiled.found(
        rules.REFUSED_BY_CHECK,
        trial.value.at,
        f"{check.name} refuses “{text}” in {'.'.join(relation.path)}.{column.name}",
        sqlstate.CHECK_VIOLATION,
        ref=ref,
        expected=check.expression,
        actual=text,
        stands_on=(relation.ref, relation.column_ref(column.name), ref),
        certain=not trial.optional,
    )
