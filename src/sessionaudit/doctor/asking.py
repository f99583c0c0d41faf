"""Ask a server for facts, in transactions that only read."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import dict_row

from sessionaudit.core.query import constant
from sessionaudit.postgres.connection import broken, limit, roll_back

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from sessionaudit.postgres.connection import Connection

_HERE = Path(__file__).parent
_LOCK = 1.0  # second


@contextmanager
def reading(connection: Connection, timeout: float, doing: str) -> Generator[None]:
    """Open a transaction that reads as the role of the commands; `timeout` is in seconds. Raises DatabaseError."""
    try:
        connection.execute("begin transaction read only")
        limit(connection, timeout, _LOCK)
        yield
    except psycopg.Error as error:
        raise broken(error, doing) from None
    finally:
        roll_back(connection)


def one_row(connection: Connection, file: str, parameters: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the row of a query of this directory, by the names of its columns. Raises psycopg.Error."""
    query = constant((_HERE / file).read_text(encoding="utf-8"))
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, parameters or {}).fetchone() or {}


def rows(connection: Connection, file: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a query of this directory. Raises psycopg.Error."""
    return connection.execute(constant((_HERE / file).read_text(encoding="utf-8")), parameters).fetchall()
