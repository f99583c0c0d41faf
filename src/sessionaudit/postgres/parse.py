"""Have the server parse statements without running them: it looks up the names, and reads the literals.

Each is sent as an unnamed Parse message, of which nothing remains. An error aborts the transaction: each statement has
its own savepoint, and all go in one round trip per `_BATCH`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
from psycopg.pq import DiagnosticField, ExecStatus

from sessionaudit.core import sqlstate
from sessionaudit.postgres.pipelined import LOST, failures, field, segment
from sessionaudit.sql.text import sent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.postgres.connection import Connection

_BATCH = 200  # what both sides have not read yet has to fit into the buffers between them
_SAVEPOINT = b"savepoint sessionaudit_parse"
_BACK = b"rollback to savepoint sessionaudit_parse"
_NO_CHARACTER = re.compile("[\0\ud800-\udfff]")
_TYPES = """
select array(select pg_catalog.format_type(t.oid, null)
               from pg_catalog.unnest(%s::oid[]) with ordinality as t (oid, place)
              order by t.place)"""


class ParseRefusal(NamedTuple):
    """Why the server cannot parse a statement; `position` counts characters from 1, 0 means none."""

    state: str
    message: str
    hint: str
    position: int


def parse_all(connection: Connection, texts: Sequence[str]) -> list[ParseRefusal | None]:
    """Return, for each statement, why the server rejects it, or None.

    The transaction must be open, and is as it was afterwards. Raises psycopg.Error if the connection fails, or if the
    server takes too long.
    """
    results = [_unsendable(text) for text in texts]
    places = [place for place, refusal in enumerate(results) if refusal is None]
    with connection.lock:
        for start in range(0, len(places), _BATCH):
            some = places[start : start + _BATCH]
            for place, refusal in zip(some, _batch(connection.pgconn, [texts[place] for place in some]), strict=True):
                results[place] = refusal
    return results


def _unsendable(text: str) -> ParseRefusal | None:
    """Return why a text cannot be sent to any server: it has a character that PostgreSQL does not store."""
    match = _NO_CHARACTER.search(text)
    if match is None:
        return None
    message = f"invalid character U+{ord(match[0]):04X}"
    return ParseRefusal(sqlstate.CHARACTER_NOT_IN_REPERTOIRE, message, "", match.start() + 1)


def parameter_types(connection: Connection, text: str) -> tuple[str, ...]:
    """Return the types that the server infers for the parameters of a statement, as SQL spells them.

    Raises psycopg.Error, after which the transaction is aborted.
    """
    with connection.lock:
        line = connection.pgconn
        parsed = line.prepare(b"", sent(text))
        if parsed.status == ExecStatus.COMMAND_OK:
            parsed = line.describe_prepared(b"")
    if parsed.status != ExecStatus.COMMAND_OK:
        raise psycopg.errors.error_from_result(parsed)
    oids = [parsed.param_type(number) for number in range(parsed.nparams)]
    if not oids:
        return ()
    row = connection.execute(_TYPES, (oids,)).fetchone()
    return tuple(row[0]) if row else ()


def _batch(line: Any, texts: Sequence[str]) -> list[ParseRefusal | None]:
    line.enter_pipeline_mode()
    line.send_query_params(_SAVEPOINT, None)
    line.pipeline_sync()
    for text in texts:
        line.send_prepare(b"", sent(text))
        line.pipeline_sync()
        line.send_query_params(_BACK, None)
        line.pipeline_sync()
    segment(line)
    answers = [(segment(line), segment(line))[0] for _ in texts]
    line.exit_pipeline_mode()
    return [_refusal(results) for results in answers]


def _refusal(results: Sequence[Any]) -> ParseRefusal | None:
    failed = next(iter(failures(results)), None)
    if failed is None:
        return None
    state, message = field(failed, DiagnosticField.SQLSTATE), field(failed, DiagnosticField.MESSAGE_PRIMARY)
    if not state or sqlstate.ends_connection(state) or state == sqlstate.QUERY_CANCELED:
        raise psycopg.OperationalError(message or LOST)
    position = int(field(failed, DiagnosticField.STATEMENT_POSITION) or 0)
    return ParseRefusal(state, message, field(failed, DiagnosticField.MESSAGE_HINT), position)
