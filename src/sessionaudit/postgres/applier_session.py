"""Set up the session of a repair, for writing or only for reading."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sessionaudit.errors import UsageError
from sessionaudit.postgres import locks
from sessionaudit.postgres.connection import limit, role_of, roll_back
from sessionaudit.sql.text import sent

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from sessionaudit.postgres.connection import Connection


@contextmanager
def reading(connection: Connection, lock_timeout: float) -> Generator[None]:
    """Open a read-only transaction. Raises psycopg.Error."""
    try:
        with connection.pipeline():
            connection.execute(sent(f"{locks.BEGIN}, read only"))
            limit(connection, 0, lock_timeout)
        yield
    finally:
        roll_back(connection)


@contextmanager
def settings(connection: Connection, wanted: Mapping[str, str]) -> Generator[None]:
    """Set some parameters and the role for a session, until the block ends.

    Behind a pooler nothing is set, because the server session may pass to another client; if a role is required,
    UsageError is raised. Raises psycopg.Error.
    """
    role = role_of(connection)
    if locks.pooled(connection):
        if role:
            raise UsageError(
                "through a pooler, statements outside transactions cannot use the role of --role",
                hint="Connect to the server directly, or as that role.",
            )
        yield
        return
    given = {**wanted, **({"role": role} if role else {})}
    try:
        for setting, value in given.items():
            connection.execute("select pg_catalog.set_config(%s, %s, false)", (setting, value))
        yield
    finally:
        for setting in given if not connection.closed and not connection.broken else ():
            connection.execute(sent(f"reset {setting}"))
