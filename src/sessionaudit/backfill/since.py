"""Read the value of --since, as PostgreSQL reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from sessionaudit.audits.data import queries
from sessionaudit.audits.data.transaction import transaction
from sessionaudit.errors import UsageError
from sessionaudit.postgres.connection import broken as broken_connection

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.audits.data.queries import CatalogTable
    from sessionaudit.contract.invariants import Invariant
    from sessionaudit.postgres.connection import Connection

_TIMEOUT = 120.0


def moment(connection: Connection, of: Iterable[tuple[Invariant, CatalogTable]], since: str) -> str:
    """Convert the value of --since to a fixed point in time; "" if there is none.

    Raises UsageError if it is not a time, or if an invariant does not say since when its rows exist, and DatabaseError.
    """
    if not since:
        return ""
    for invariant, table in of:
        if queries.since(invariant, table) is None:
            raise UsageError(
                f"--since cannot be used for {invariant.name}: its table has no column created_at",
                hint="State in the contract when a row was created (since: EXPRESSION), or choose another --invariant.",
            )
    try:
        with transaction(connection, "public", timeout=_TIMEOUT):
            row = connection.execute("select %s::text::timestamptz::text", (since,)).fetchone()
    except psycopg.DataError:
        hint = "Use a time such as yesterday or 2026-01-31."
        raise UsageError(f"--since: PostgreSQL cannot read “{since}” as a time", hint=hint) from None
    except psycopg.Error as error:
        raise broken_connection(error, "reading --since") from None
    return str(row[0]) if row else since
