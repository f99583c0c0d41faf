"""Lists all rows that violate an invariant, read in portions, so that memory does not grow with their number."""

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
    """The rows, or those that follow, could not be read; `skipped` says why."""

    def __init__(self, skipped: Skipped) -> None:
        super().__init__(skipped.reason)
        self.skipped = skipped


PIECE = 500  # rows; what is shown of one may be long
# The whole list is wanted, and not its beginning soon.
_WHOLE = "select pg_catalog.set_config('cursor_tuple_fraction', '1', true)"


def table_of(
    connection: Connection, contract: Contract, invariant: Invariant, found: Sequence[Finding]
) -> CatalogTable | Skipped:
    """The table of an invariant's rows, or why they cannot be listed.

    `found` are the schema's findings. Raises ContractError where that is a slip, DatabaseError.
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
    """The rows that break an invariant, some at a time; who waits longest comes first.

    Each is its key, since when it is there, and what the invariant shows, as PostgreSQL spells them. They are read in
    one read-only transaction, which must not be left for another meanwhile. `timeout`, in seconds, is for the server's
    work on each piece. Raises NotListedError, ContractError and DatabaseError.
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
