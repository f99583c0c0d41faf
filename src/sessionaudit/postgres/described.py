"""Have the server parse, describe and explain statements as the roles that send them; it executes none of them.

Each has a savepoint of its own, to which the transaction returns, so that neither a role nor an error is left behind.
All go in one round trip per `_BATCH`, as unnamed statements, of which nothing remains behind a pooler.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from msgspec import Struct
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus

from sessionaudit.core import sqlstate
from sessionaudit.postgres.acting import ROLE_ALONE, STATEMENT, Acting
from sessionaudit.postgres.pipelined import segment
from sessionaudit.sql.text import sent

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg

    from sessionaudit.postgres.connection import Connection

_BATCH = 16  # what both sides have not read yet has to fit into the buffers between them
_SAVEPOINT = b"savepoint sessionaudit_step"
_BACK = b"rollback to savepoint sessionaudit_step"
_EXPLAIN = "explain (format json, verbose, costs off) "
_NUMBER = re.compile(r"\$(\d+)")


class ReturnedColumn(NamedTuple):
    """A column of what a statement returns: its name, and the OID of its type."""

    name: str
    type: int


class AskedStatement(Struct, kw_only=True):
    """A statement with `$1`, `$2` and so on, who sends it, and the types of these: OIDs, 0 for what the place asks."""

    text: str
    acting: Acting
    types: list[int]


class DescribedStatement(Struct, frozen=True, kw_only=True):
    """What the server says of a statement.

    `refused_role` is why the role could not be taken on; `error` why it cannot be parsed or explained. `types` are
    those of its parameters, `columns` what it returns; None if it could not be parsed. `relations` are those of its
    plan, `written` those of them that it changes.
    """

    refused_role: psycopg.Error | None = None
    error: psycopg.Error | None = None
    types: tuple[int, ...] = ()
    columns: tuple[ReturnedColumn, ...] | None = None
    relations: tuple[tuple[str, str], ...] = ()
    written: tuple[tuple[str, str], ...] = ()


def untyped_parameter(described: DescribedStatement) -> int | None:
    """Return the number, from 1, of a parameter to which no place of the statement gives a type."""
    error = described.error
    if error is None or error.sqlstate != sqlstate.INDETERMINATE_DATATYPE:
        return None
    match = _NUMBER.search(error.diag.message_primary or "")
    return int(match[1]) if match else None


def describe_all(connection: Connection, asked: Sequence[AskedStatement]) -> list[DescribedStatement]:
    """Return what the server says of each statement.

    The transaction must be open and read-only, and is as it was afterwards. Raises psycopg.Error if the connection
    fails.
    """
    found: list[DescribedStatement] = []
    with connection.lock:
        for start in range(0, len(asked), _BATCH):
            found += _batch(connection.pgconn, asked[start : start + _BATCH])
    return found


def _batch(line: Any, asked: Sequence[AskedStatement]) -> list[DescribedStatement]:
    line.enter_pipeline_mode()
    line.send_query_params(_SAVEPOINT, None)
    line.pipeline_sync()
    for one in asked:
        if one.acting.claims:
            line.send_query_params(STATEMENT, one.acting.parameters())
        else:  # the settings of claims stay unset, also behind a pooler
            line.send_query_params(ROLE_ALONE, [sent(one.acting.role)])
        line.send_prepare(b"", sent(one.text), one.types)
        line.send_describe_prepared(b"")
        nulls: list[bytes | None] = [None] * len(one.types)
        line.send_query_params(sent(_EXPLAIN + one.text), nulls, param_types=one.types)
        line.pipeline_sync()
        line.send_query_params(_BACK, None)
        line.pipeline_sync()
    segment(line)
    answers = [(segment(line), segment(line))[0] for _ in asked]
    line.exit_pipeline_mode()
    return [_described(results) for results in answers]


def _described(results: Sequence[Any]) -> DescribedStatement:
    *passed, last = results
    failed = None
    if last.status == ExecStatus.FATAL_ERROR:
        failed = error_from_result(last)
        state = failed.sqlstate or ""
        if not state or sqlstate.ends_connection(state):
            raise failed
    else:
        passed = list(results)
    if not passed:
        return DescribedStatement(refused_role=failed)
    description = passed[2] if len(passed) > 2 else None
    if description is None:
        return DescribedStatement(error=failed)
    types = tuple(description.param_type(place) for place in range(description.nparams))
    columns = tuple(
        ReturnedColumn((description.fname(place) or b"").decode(errors="replace"), description.ftype(place))
        for place in range(description.nfields)
    )
    relations: set[tuple[str, str]] = set()
    written: set[tuple[str, str]] = set()
    if len(passed) > 3:
        _walk(json.loads(passed[3].get_value(0, 0)), relations, written)
    return DescribedStatement(
        error=failed,
        types=types,
        columns=columns,
        relations=tuple(sorted(relations)),
        written=tuple(sorted(written)),
    )


def _walk(node: object, relations: set[tuple[str, str]], written: set[tuple[str, str]]) -> None:
    """Collect the relations of a plan."""
    if isinstance(node, list):
        for one in cast("list[object]", node):
            _walk(one, relations, written)
    elif isinstance(node, dict):
        plan = cast("dict[str, object]", node)
        if "Relation Name" in plan:
            path = (str(plan.get("Schema", "")), str(plan["Relation Name"]))
            relations.add(path)
            if plan.get("Node Type") == "ModifyTable":
                written.add(path)
        for one in plan.values():
            _walk(one, relations, written)


def read_values(connection: Connection, values: Sequence[tuple[str, int]]) -> list[str | psycopg.Error]:
    """Return each text as its type, an OID, prints it, or why the type refuses it. Raises psycopg.Error.

    The transaction must be open, and is as it was afterwards.
    """
    found: list[str | psycopg.Error] = []
    with connection.lock:
        for start in range(0, len(values), _BATCH):
            found += _values(connection.pgconn, values[start : start + _BATCH])
    return found


def _values(line: Any, values: Sequence[tuple[str, int]]) -> list[str | psycopg.Error]:
    line.enter_pipeline_mode()
    line.send_query_params(_SAVEPOINT, None)
    line.pipeline_sync()
    for text, oid in values:
        line.send_query_params(b"select $1", [sent(text)], param_types=[oid])
        line.pipeline_sync()
        line.send_query_params(_BACK, None)
        line.pipeline_sync()
    segment(line)
    answers = [(segment(line), segment(line))[0] for _ in values]
    line.exit_pipeline_mode()
    return [
        error_from_result(result)
        if result.status == ExecStatus.FATAL_ERROR
        else (result.get_value(0, 0) or b"").decode("utf-8", "surrogateescape")
        for (result,) in answers
    ]
