"""Have the server evaluate queries without tables, each by itself: a refusal of one leaves the others alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import psycopg

from sessionaudit.core import sqlstate
from sessionaudit.sql.text import sent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sessionaudit.postgres.connection import Connection

_SAVEPOINT = "savepoint sessionaudit_value"
_BACK = "rollback to savepoint sessionaudit_value"
_RELEASE = "release savepoint sessionaudit_value"


class Evaluated(NamedTuple):
    """What a query returns, or why the server refuses it: the code, the message and its detail, and the constraint."""

    value: object = None
    state: str = ""
    message: str = ""
    detail: str = ""
    constraint: str = ""


def evaluated(connection: Connection, queries: Iterable[str]) -> dict[str, Evaluated]:
    """Return the first value of each query, in the open transaction, which stays as it is. Raises psycopg.Error."""
    texts = list(dict.fromkeys(queries))
    if not texts:
        return {}
    connection.execute(_SAVEPOINT)
    try:
        found = _together(connection, texts)
    except psycopg.Error as error:
        _require_refusal(error)
        connection.execute(_BACK)
        found = {text: _alone(connection, text) for text in texts}
    connection.execute(_RELEASE)
    return found


def _together(connection: Connection, texts: Sequence[str]) -> dict[str, Evaluated]:
    with connection.pipeline():
        cursors = [connection.execute(sent(text)) for text in texts]
    return {text: Evaluated((cursor.fetchone() or (None,))[0]) for text, cursor in zip(texts, cursors, strict=True)}


def _alone(connection: Connection, text: str) -> Evaluated:
    try:
        row = connection.execute(sent(text)).fetchone()
    except psycopg.Error as error:
        _require_refusal(error)
        connection.execute(_BACK)
        said = error.diag
        return Evaluated(
            state=error.sqlstate or "",
            message=said.message_primary or str(error),
            detail=said.message_detail or "",
            constraint=said.constraint_name or "",
        )
    return Evaluated(row[0] if row else None)


def _require_refusal(error: psycopg.Error) -> None:
    state = error.sqlstate or ""
    if not state or sqlstate.ends_connection(state) or state == sqlstate.QUERY_CANCELED:
        raise error
