"""The transaction in which journeys are explained or executed: with the settings of a request, and rolled back."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sessionaudit.postgres.connection import limit, roll_back
from sessionaudit.sql.text import identifier

if TYPE_CHECKING:
    from collections.abc import Generator

    from sessionaudit.postgres.connection import Connection

READING = "begin transaction isolation level read committed, read only"
WRITING = "begin transaction isolation level read committed, read write"
LOCK_SECONDS = 1
_CHECKS_CLIENTS = 140000
_CHECK_CLIENT = "select pg_catalog.set_config('client_connection_check_interval', '2s', true)"
_PATH = """
select pg_catalog.set_config('search_path', %s, true), pg_catalog.set_config('row_security', 'on', true)"""


def settle(connection: Connection, schema: str, *, timeout: float) -> None:
    """Make the settings those of a request, whatever a step before has made of them. Raises psycopg.Error."""
    limit(connection, timeout, LOCK_SECONDS)
    if connection.info.server_version >= _CHECKS_CLIENTS:
        connection.execute(_CHECK_CLIENT)  # else a statement goes on whose client was killed
    look_in(connection, path_of(schema))


def look_in(connection: Connection, path: str) -> None:
    """Set the search path, until the transaction ends. Raises psycopg.Error."""
    connection.execute(_PATH, (path,))


def path_of(schema: str) -> str:
    """Return the search path of a request: the schema of the contract, as SQL spells it, and those that follow."""
    return f"{identifier(schema)}, extensions, pg_temp"


@contextmanager
def journey_transaction(connection: Connection, schema: str, *, timeout: float, write: bool = False) -> Generator[None]:
    """Open a transaction with the settings of a request, which is rolled back; `timeout` is in seconds.

    Raises psycopg.Error.
    """
    try:
        connection.execute(WRITING if write else READING)
        settle(connection, schema, timeout=timeout)
        yield
    finally:
        roll_back(connection)
