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
    """Return the first value of each query, in the open transaction, which stays as it is. Raises psycopg.Error.

    All go in one round trip, but for those among which the server refuses one: these are halved until it is found.
    """
    texts = list(dict.fromkeys(queries))
    if not texts:
        return {}
    connection.execute(_SAVEPOINT)
    found = _evaluated(connection, texts)
    connection.execute(_RELEASE)
    return found


def _evaluated(connection: Connection, texts: Sequence[str]) -> dict[str, Evaluated]:
    try:
        with connection.pipeline():
            cursors = [connection.execute(sent(text)) for text in texts]
        return {text: Evaluated((one.fetchone() or (None,))[0]) for text, one in zip(texts, cursors, strict=True)}
    except psycopg.Error as error:
        _require_refusal(error)
        connection.execute(_BACK)
        if len(texts) == 1:
            return {texts[0]: _refusal(error)}
    half = len(texts) // 2
    return _evaluated(connection, texts[:half]) | _evaluated(connection, texts[half:])


def _refusal(error: psycopg.Error) -> Evaluated:
    said = error.diag
    return Evaluated(
        state=error.sqlstate or "",
        message=said.message_primary or str(error),
        detail=said.message_detail or "",
        constraint=said.constraint_name or "",
    )


def _require_refusal(error: psycopg.Error) -> None:
    state = error.sqlstate or ""
    if not state or sqlstate.ends_connection(state) or state == sqlstate.QUERY_CANCELED:
        raise error
