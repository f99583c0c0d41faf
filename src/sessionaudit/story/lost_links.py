"""Find rows that may be a missing link although the join does not find them, and how to repair them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.data import queries
from sessionaudit.audits.data.catalogs import tables
from sessionaudit.audits.data.keys import texts
from sessionaudit.audits.data.transaction import transaction
from sessionaudit.backfill import row_repair as repairs
from sessionaudit.backfill.row_outcome import RowState, look
from sessionaudit.core.printed_commands import CALLING
from sessionaudit.postgres import contract_sql

if TYPE_CHECKING:
    from sessionaudit.audits.data.queries import CatalogTable
    from sessionaudit.contract.model import Contract
    from sessionaudit.contract.trace import Lost, Trace
    from sessionaudit.postgres.connection import Connection

_MOST = 3


def leading_back(
    connection: Connection,
    contract: Contract,
    trace: Trace,
    table: CatalogTable,
    key: str,
    lost: Lost,
    *,
    timeout: float,
) -> list[str]:
    """Return the commands that link lost rows to the row of this key again; `table` is that row's table.

    Raises psycopg.Error.
    """
    invariant = next((one for one in contract.invariants if one.name == lost.invariant), None)
    own = tables(connection, [lost.rows.path]).get(lost.rows.path)
    if invariant is None or invariant.repair is None or invariant.each.path != lost.rows.path:
        return []
    if own is None or not own.single:
        return []
    asked = queries.Query(f"select {queries.key_of(lost.rows, own)} from {queries.source(trace.subject)}")
    asked = (asked + f" join {queries.source(lost.rows)} on ").fragment(lost.on)
    subject = queries.key_of(trace.subject, table)
    asked += f" where {subject} {table.equal} %(key)s::{table.type} order by 1 limit {_MOST}"
    with transaction(connection, contract.schema, timeout=timeout):
        found = [row[0] or "" for row in texts(contract_sql.ask(connection, asked, {"key": key}))]
    promise = repairs.promise(connection, contract, invariant)
    other = () if invariant.usual else ("--invariant", invariant.name)
    return [
        CALLING.line("backfill", *other, operands=(row,))
        for row in found
        if look(connection, promise, row, timeout=timeout).state is RowState.FAILED
    ]
