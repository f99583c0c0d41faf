"""Compose the SQL that corrects a ledger: a row that the tool itself would have written, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.sql.text import identifier

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessionaudit.audits.migrations.ledgers.interface import Ledger
    from sessionaudit.audits.migrations.model import LedgerTable, Migration, Recorded


def recording(ledger: Ledger, table: LedgerTable, migration: Migration) -> str:
    """Return the statement that records a migration as applied, if it is not recorded; "" if the tool must do that."""
    if ledger.kept is None or ledger.kept.row is None or ledger.kept.key is None:
        return ""
    row, key = ledger.kept.row(migration), ledger.kept.key(migration)
    columns = ", ".join(identifier(name) for name in row)
    name = identifier(*table)
    return (
        f"insert into {name} ({columns})\n"
        f"select {', '.join(row.values())}\n"
        f" where not exists (select from {name} where {_matching(key)});"
    )


def forgetting(ledger: Ledger, table: LedgerTable, recorded: Recorded) -> str:
    """Return the statement that removes what is recorded of a migration; "" if the tool must do that."""
    if ledger.kept is None or ledger.kept.key is None:
        return ""
    return f"delete from {identifier(*table)} where {_matching(ledger.kept.key(recorded))};"


def _matching(key: Mapping[str, str]) -> str:
    return " and ".join(f"{identifier(name)} = {value}" for name, value in key.items())
