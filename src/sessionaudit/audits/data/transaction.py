"""Transactions over rows, with their local settings."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sessionaudit.postgres.connection import limit, roll_back, told
from sessionaudit.sql.text import identifier

if TYPE_CHECKING:
    from collections.abc import Generator

    import psycopg

    from sessionaudit.postgres.connection import Connection

# With row security off, a role that row security binds is refused; otherwise it would count the rows that it sees.
_SETTINGS = """
select pg_catalog.set_config('search_path', %s, true),
       pg_catalog.set_config('row_security', %s, true)"""
# A row has the number of the transaction that wrote it without what is beyond this.
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
    """A transaction in which unqualified names live in `schema`; rolled back unless the block commits it.

    Timeouts are in seconds. With `row_security`, policies hold for who is bound by them; without it,
    such a role is refused rather than shown a part of the rows.
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
    """What the server says, on one line, and no value of a row."""
    return told(error)
