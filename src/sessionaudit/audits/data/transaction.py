"""Open transactions that read or write rows, with their local settings."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sessionaudit.postgres.connection import limit, roll_back, told
from sessionaudit.sql.text import identifier

if TYPE_CHECKING:
    from collections.abc import Generator

    import psycopg

    from sessionaudit.postgres.connection import Connection

# With row_security off, a role that is subject to row security gets an error; otherwise it would count only the rows
# that it sees.
_SETTINGS = """
select pg_catalog.set_config('search_path', %s, true),
       pg_catalog.set_config('row_security', %s, true)"""
# A row stores the number of its transaction modulo this.
XIDS = 2**32
READING = "begin transaction isolation level read committed, read only"
WRITING = "begin transaction isolation level read committed, read write"


@contextmanager
def transaction(
    connection: Connection,
    schema: str,
    *,
    timeout: float,
    lock_timeout: float = 1,
    write: bool = False,
    row_security: bool = False,
) -> Generator[None]:
    """Open a transaction with `schema` as search path; it is rolled back unless the block commits it.

    Timeouts are in seconds. With `row_security`, policies apply; without it, a role that is subject to policies gets an
    error instead of a part of the rows.
    """
    try:
        with connection.pipeline():
            connection.execute(WRITING if write else READING)
            limit(connection, timeout, lock_timeout)
            connection.execute(_SETTINGS, (f"{identifier(schema)}, pg_temp", "on" if row_security else "off"))
        yield
    finally:
        roll_back(connection)


def said(error: psycopg.Error) -> str:
    """Return the server's message on one line, without values of rows."""
    return told(error)
