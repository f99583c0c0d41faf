"""Tell whether a pooler is between us and the server, and in which mode."""

from __future__ import annotations

from concurrent.futures import wait
from enum import StrEnum
from typing import TYPE_CHECKING

import psycopg

from sessionaudit.core.background import in_background
from sessionaudit.errors import SessionAuditError
from sessionaudit.postgres.connection import connect, hang_up, roll_back
from sessionaudit.postgres.locks import pooled

if TYPE_CHECKING:
    from sessionaudit.postgres.connection import Connection, Url

_PATIENCE = 3.0  # seconds, in which a second client must get a server
_PROCESS = "select pg_catalog.pg_backend_pid()"


class PoolMode(StrEnum):
    """What is between us and the server."""

    NONE = "no pooler"
    SESSION = "session"
    TRANSACTION = "transaction"
    UNKNOWN = "unknown"


def pool_mode(connection: Connection, url: Url) -> PoolMode:
    """Return the mode of a pooler, which a second connection shows. Raises psycopg.Error.

    In transaction mode a server that one client has left between two transactions serves the next one, though the first
    client is still there; in session mode it does not.
    """
    if not pooled(connection):
        return PoolMode.NONE
    before = _process(connection)
    second: list[Connection] = []
    asking = in_background(lambda: _held(url, second))
    wait([asking], timeout=_PATIENCE)
    try:
        if not asking.done() or asking.exception() is not None:
            return PoolMode.UNKNOWN
        shared = asking.result() == before or _process(connection) != before
        return PoolMode.TRANSACTION if shared else PoolMode.SESSION
    finally:
        for one in second:
            hang_up(one)


def _held(url: Url, opened: list[Connection]) -> int | None:
    """Return the server process of a second connection, in a transaction that stays open."""
    try:
        connection = connect(url)
    except SessionAuditError:
        return None
    opened.append(connection)
    connection.execute("begin transaction read only")
    return _process(connection)


def _process(connection: Connection) -> int | None:
    try:
        row = connection.execute(_PROCESS).fetchone()
    except psycopg.Error:
        roll_back(connection)
        raise
    return row[0] if row else None
