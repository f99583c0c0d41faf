"""The session of a repair: its settings, and a read-only variant."""

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
    """A transaction that writes nothing. Raises psycopg.Error."""
    try:
        with connection.pipeline():
            connection.execute(sent(f"{locks.BEGIN}, read only"))
            limit(connection, 0, lock_timeout)
        yield
    finally:
        roll_back(connection)


@contextmanager
def settings(connection: Connection, wanted: Mapping[str, str]) -> Generator[None]:
    """Have a session work with some settings, and as its role.

    Through a pooler nothing is set, for it would be somebody else's; a role cannot be left out, so that raises
    UsageError. Raises psycopg.Error.
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
