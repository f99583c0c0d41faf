"""Have the server plan statements for values that it does not know, as an EXPLAIN of them tells; it runs none of them.

Each is prepared by PREPARE, as only a prepared statement gets a plan in which a parameter stays one: bound to a portal,
a null would become a constant. It is deallocated at once: a prepared statement outlives its transaction, and a pooler
would hand it to others. EXECUTE converts its arguments, and so would run the checks of a domain: a parameter gets the
type below it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
from psycopg.pq import DiagnosticField, ExecStatus

from sessionaudit.core import sqlstate
from sessionaudit.postgres.pipelined import LOST, field, segment
from sessionaudit.sql.text import UnclosedError, cut, sent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sessionaudit.postgres.connection import Connection

_BATCH = 16  # what both sides have not read yet has to fit into the buffers between them
_GENERIC = "select pg_catalog.set_config('plan_cache_mode', 'force_generic_plan', true)"
_SAVEPOINT = b"savepoint sessionaudit_plan"
_BACK = b"rollback to savepoint sessionaudit_plan"
_PREPARE = "prepare sessionaudit_plan"
_EXPLAIN = "explain (format json, verbose, costs off) execute sessionaudit_plan"
_DEALLOCATE = b"deallocate sessionaudit_plan"
_INFERRED = "unknown"  # which PREPARE takes for a type that it is to infer
_BELOW_DOMAINS = """
with recursive below as (
    select t.oid as domain, t.typbasetype as oid
      from pg_catalog.pg_type t
     where t.oid = any (%s::oid[]) and t.typtype = 'd'
    union all
    select b.domain, t.typbasetype
      from below b
      join pg_catalog.pg_type t on t.oid = b.oid and t.typtype = 'd')
select b.domain, pg_catalog.format_type(t.oid, null)
  from below b
  join pg_catalog.pg_type t on t.oid = b.oid and t.typtype <> 'd'"""


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
    types = _types(connection, texts)
    connection.execute(_GENERIC)
    found: list[GenericPlan] = []
    with connection.lock:
        for start in range(0, len(texts), _BATCH):
            found += _batch(connection.pgconn, texts[start : start + _BATCH], types)
    return found


def _types(connection: Connection, texts: Sequence[str]) -> dict[str, str]:
    """Return the types to declare for the parameters of those statements that have one of a domain."""
    asked = [text for text in texts if _nulls(text)]
    oids: dict[str, list[int]] = {}
    with connection.lock:
        for start in range(0, len(asked), _BATCH):
            some = asked[start : start + _BATCH]
            oids.update(zip(some, _described(connection.pgconn, some), strict=True))
    every = sorted({oid for some in oids.values() for oid in some})
    below: dict[int, str] = dict(connection.execute(_BELOW_DOMAINS, (every,)).fetchall()) if every else {}
    return {
        text: f" ({', '.join(below.get(oid, _INFERRED) for oid in some)})"
        for text, some in oids.items()
        if not below.keys().isdisjoint(some)
    }


def _described(line: Any, texts: Sequence[str]) -> list[list[int]]:
    """Return the OIDs of the types of each statement's parameters; none for one that the server refuses."""
    line.enter_pipeline_mode()
    line.send_query_params(_SAVEPOINT, None)
    line.pipeline_sync()
    for text in texts:
        line.send_prepare(b"", sent(text))
        line.send_describe_prepared(b"")
        line.pipeline_sync()
        line.send_query_params(_BACK, None)
        line.pipeline_sync()
    segment(line)
    said = [(segment(line), segment(line))[0] for _ in texts]
    line.exit_pipeline_mode()
    return [[one.param_type(place) for one in results for place in range(one.nparams)] for results in said]


def _batch(line: Any, texts: Sequence[str], types: Mapping[str, str]) -> list[GenericPlan]:
    line.enter_pipeline_mode()
    line.send_query_params(_SAVEPOINT, None)
    line.pipeline_sync()
    for text in texts:
        line.send_query_params(sent(f"{_PREPARE}{types.get(text, '')} as {text}"), None)
        line.send_query_params(sent(_EXPLAIN + _nulls(text)), None)
        for one in (None, _BACK, _DEALLOCATE, _BACK):  # DEALLOCATE fails where PREPARE did
            if one is not None:
                line.send_query_params(one, None)
            line.pipeline_sync()
    segment(line)
    said = [(segment(line), segment(line), segment(line), segment(line))[0] for _ in texts]
    line.exit_pipeline_mode()
    return [_plan(results) for results in said]


def _nulls(text: str) -> str:
    """Return the arguments for a statement: null for each parameter, as the plan is the same for any value."""
    try:
        count = max((int(token.text[1:]) for token in cut(text) if token.sort == "parameter"), default=0)
    except UnclosedError:
        count = 0
    return f" ({', '.join(['null'] * count)})" if count else ""


def _plan(results: Sequence[Any]) -> GenericPlan:
    last = results[-1]
    if last.status != ExecStatus.FATAL_ERROR:
        said: list[dict[str, Any]] = json.loads(last.get_value(0, 0)) if last.ntuples else []
        return GenericPlan(tuple(one["Plan"] for one in said if "Plan" in one))
    state, message = field(last, DiagnosticField.SQLSTATE), field(last, DiagnosticField.MESSAGE_PRIMARY)
    if not state or sqlstate.ends_connection(state) or state == sqlstate.QUERY_CANCELED:
        raise psycopg.OperationalError(message or LOST)
    return GenericPlan(state=state, message=message)
