"""Execute one statement with parameters in text format, and count what it returns without keeping all of it."""

from __future__ import annotations

from select import select
from typing import TYPE_CHECKING, Any

import psycopg
from msgspec import Struct
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus

from sessionaudit.core import sqlstate
from sessionaudit.sql.text import sent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.postgres.connection import Connection

_MOST_KEPT = 100
_PAUSE = 0.5  # seconds


class ExecutedStatement(Struct, frozen=True, kw_only=True):
    """What came of a statement: an error, or how many rows it returned or changed.

    `rows` are the first of those that it returned, as PostgreSQL prints the values; None if it returns none.
    """

    error: psycopg.Error | None = None
    count: int = 0
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str | None, ...], ...] | None = None


def execute_statement(
    connection: Connection, text: str, values: Sequence[str | None], types: Sequence[int], *, most: int = _MOST_KEPT
) -> ExecutedStatement:
    """Execute a statement with `$1` and so on in the open transaction, as an unnamed one; keep `most` of its rows.

    `types` are the OIDs of the parameters' types, 0 for what the place asks. Raises psycopg.Error if the connection
    fails.
    """
    with connection.lock:
        line = connection.pgconn
        parameters = [None if value is None else sent(value) for value in values]
        line.send_query_params(sent(text), parameters, param_types=list(types))
        line.set_single_row_mode()
        return _result(line, max(most, _MOST_KEPT))


def _result(line: Any, most: int) -> ExecutedStatement:
    columns: tuple[str, ...] = ()
    rows: list[tuple[str | None, ...]] = []
    returned, count = False, 0
    failed: psycopg.Error | None = None
    while (result := awaited(line)) is not None:
        if result.status in {ExecStatus.SINGLE_TUPLE, ExecStatus.TUPLES_OK}:
            returned = True
            columns = tuple((result.fname(place) or b"").decode(errors="replace") for place in range(result.nfields))
            for row in range(result.ntuples):
                count += 1
                if len(rows) < most:
                    rows.append(tuple(_text(result.get_value(row, place)) for place in range(result.nfields)))
        elif result.status == ExecStatus.COMMAND_OK:
            count = result.command_tuples or 0
        elif result.status == ExecStatus.FATAL_ERROR:
            failed = error_from_result(result)
    if line.status != ConnStatus.OK or (failed is not None and sqlstate.ends_connection(failed.sqlstate or "08")):
        raise failed or psycopg.OperationalError("the connection was lost")
    if failed is not None:
        return ExecutedStatement(error=failed)
    return ExecutedStatement(count=count, columns=columns, rows=tuple(rows) if returned else None)


def awaited(line: Any) -> Any:
    """Return the next result, as `get_result` does, which would keep all threads of the process waiting, too."""
    while line.flush():
        select([], [line.socket], [], _PAUSE)
    while line.is_busy():
        select([line.socket], [], [], _PAUSE)
        line.consume_input()
    return line.get_result()


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("utf-8", "surrogateescape")
