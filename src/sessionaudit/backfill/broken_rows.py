"""List all rows that violate an invariant, read in portions, so that memory does not grow with their number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from sessionaudit.audits.data import queries
from sessionaudit.audits.data.catalogs import tables
from sessionaudit.audits.data.keys import texts
from sessionaudit.audits.data.transaction import transaction
from sessionaudit.audits.data.violations import lacking, refused
from sessionaudit.postgres import contract_sql
from sessionaudit.postgres.connection import broken as broken_connection

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from sessionaudit.audits.data.queries import CatalogTable
    from sessionaudit.contract.invariants import Invariant
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.finding import Finding, Skipped
    from sessionaudit.postgres.connection import Connection

    Row = tuple[str | None, ...]


class NotListedError(Exception):
    """Some or all of the rows could not be read; `skipped` says why."""

    def __init__(self, skipped: Skipped) -> None:
        super().__init__(skipped.reason)
        self.skipped = skipped


PIECE = 500  # rows; the text shown for one may be long
# Plan for the whole list, not for a fast first row.
_WHOLE = "select pg_catalog.set_config('cursor_tuple_fraction', '1', true)"


def table_of(
    connection: Connection, contract: Contract, invariant: Invariant, found: Sequence[Finding]
) -> CatalogTable | Skipped:
    """Return the table of an invariant's rows, or why they cannot be listed.

    `found` are the findings of the schema audit. Raises ContractError if the cause is an error in the contract, and
    DatabaseError.
    """
    paths = [invariant.each.path, *([invariant.has.path] if invariant.has else [])]
    try:
        return lacking(invariant, contract, tables(connection, paths), found)
    except psycopg.Error as error:
        raise broken_connection(error, f"looking for the tables of {invariant.name}") from None


def rows(
    connection: Connection,
    contract: Contract,
    invariant: Invariant,
    table: CatalogTable,
    found: Sequence[Finding],
    *,
    timeout: float,
    since: str = "",
    limit: int | None = None,
) -> Generator[list[Row]]:
    """Read the rows that violate an invariant, some at a time, the oldest first.

    Each row consists of its key, the time since when it exists, and the values that the invariant shows, as PostgreSQL
    prints them. They are read in one read-only transaction; the connection must not be used otherwise until all are
    read. `timeout`, in seconds, limits the server's work on each portion. Raises NotListedError, ContractError and
    DatabaseError.
    """
    asked = queries.listed(invariant, table, since_moment=since, limit=limit)
    try:
        with transaction(connection, contract.schema, timeout=timeout):
            connection.execute(_WHOLE)
            for piece in contract_sql.pieces(connection, asked, block=PIECE):
                yield texts(piece)
    except psycopg.Error as error:
        also = [one.sql for one in invariant.show]
        pieces = contract_sql.in_pieces(asked)
        raise NotListedError(refused(connection, error, pieces, invariant, contract, found, also)) from None
