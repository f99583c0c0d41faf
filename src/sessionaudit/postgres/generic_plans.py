"""Have the server plan statements for values that it does not know, as an EXPLAIN of them tells; it runs none of them.

Each is prepared by PREPARE, as only a prepared statement gets a plan in which a parameter stays one: bound to a portal,
a null would become a constant. It is deallocated at once: a prepared statement outlives its transaction, and a pooler
would hand it to others.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus

from sessionaudit.core import sqlstate
from sessionaudit.postgres.executed import awaited
from sessionaudit.sql.text import UnclosedError, cut, sent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessionaudit.postgres.connection import Connection

_BATCH = 16  # what both sides have not read yet has to fit into the buffers between them
_GENERIC = "select pg_catalog.set_config('plan_cache_mode', 'force_generic_plan', true)"
_SAVEPOINT = b"savepoint sessionaudit_plan"
_BACK = b"rollback to savepoint sessionaudit_plan"
_PREPARE = "prepare sessionaudit_plan as "
_EXPLAIN = "explain (format json, verbose, costs off) execute sessionaudit_plan"
_DEALLOCATE = b"deallocate sessionaudit_plan"


class GenericPlan(NamedTuple):
    """What the server would run for a statement: the plans as EXPLAIN has them in JSON; or why it has none."""

    plans: tuple[dict[str, Any], ...] = ()
    state: str = ""
    message: str = ""


def plans_of(connection: Connection, texts: Sequence[str]) -> list[GenericPlan]:
    """Return the plan of each statement, which may have `$1` and so on.

    The transaction must be open, and is as it was afterwards, but for its `plan_cache_mode`. Raises psycopg.Error if
    the connection fails, or if the server takes too long.
    """
    if not texts:
        return []
    connection.execute(_GENERIC)
    found: list[GenericPlan] = []
    with connection.lock:
        for start in range(0, len(texts), _BATCH):
            found += _batch(connection.pgconn, texts[start : start + _BATCH])
    return found


def _batch(line: Any, texts: Sequence[str]) -> list[GenericPlan]:
    line.enter_pipeline_mode()
    try:
        line.send_query_params(_SAVEPOINT, None)
        line.pipeline_sync()
        for text in texts:
            line.send_query_params(sent(_PREPARE + text), None)
            line.send_query_params(sent(_EXPLAIN + _nulls(text)), None)
            for one in (None, _BACK, _DEALLOCATE, _BACK):  # DEALLOCATE fails where PREPARE did
                if one is not None:
                    line.send_query_params(one, None)
                line.pipeline_sync()
        _segment(line)
        found: list[GenericPlan] = []
        for _ in texts:
            found.append(_plan(_segment(line)))
            for _ in (_BACK, _DEALLOCATE, _BACK):
                _segment(line)
        return found
    finally:
        if line.status == ConnStatus.OK:
            line.exit_pipeline_mode()


def _nulls(text: str) -> str:
    """Return what stands for the parameters of a statement, whose values are of no account."""
    try:
        count = max((int(token.text[1:]) for token in cut(text) if token.sort == "parameter"), default=0)
    except UnclosedError:
        count = 0
    return f" ({', '.join(['null'] * count)})" if count else ""


def _segment(line: Any) -> list[Any]:
    return list(_until_sync(line))


def _until_sync(line: Any) -> Iterator[Any]:
    while True:
        result = awaited(line)
        if result is None:
            if line.status != ConnStatus.OK:
                raise psycopg.OperationalError("the connection was lost")
        elif result.status == ExecStatus.PIPELINE_SYNC:
            return
        elif result.status != ExecStatus.PIPELINE_ABORTED:
            yield result


def _plan(results: Sequence[Any]) -> GenericPlan:
    last = results[-1]
    if last.status != ExecStatus.FATAL_ERROR:
        said: list[dict[str, Any]] = json.loads(last.get_value(0, 0)) if last.ntuples else []
        return GenericPlan(tuple(one["Plan"] for one in said if "Plan" in one))
    state, message = (
        (last.error_field(field) or b"").decode(errors="replace")
        for field in (DiagnosticField.SQLSTATE, DiagnosticField.MESSAGE_PRIMARY)
    )
    if not state or sqlstate.ends_connection(state) or state == sqlstate.QUERY_CANCELED:
        raise psycopg.OperationalError(message or "the connection was lost")
    return GenericPlan(state=state, message=message)
