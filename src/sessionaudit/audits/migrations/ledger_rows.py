"""Compose the SQL that writes or removes a row of a ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.sql.text import identifier, literal

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sessionaudit.audits.migrations.ledgers.interface import Ledger
    from sessionaudit.audits.migrations.model import Folder, LedgerTable, Migration, Recorded


def recording(
    ledger: Ledger,
    table: LedgerTable,
    migration: Migration,
    columns: Collection[str] = (),
    folder: Folder | None = None,
) -> str:
    """Return the statement that records a migration as applied, if it is not recorded; "" if the tool must do that.

    `columns` are those of the table, if they are known: older versions of a tool have fewer.
    """
    kept = ledger.kept
    if kept is None or kept.row is None or kept.key is None or not (said := {**kept.row(migration)}):
        return ""
    name = identifier(*table)
    if kept.numbered:
        number = identifier(kept.numbered)
        said[kept.numbered] = f"(select coalesce(pg_catalog.max(m.{number}), 0) + 1 from {name} m)"
    if kept.path:
        said[kept.path] = _path(migration, folder)
    row = {column: value for column, value in said.items() if not columns or column in columns}
    return (
        f"insert into {name} ({', '.join(map(identifier, row))})\n"
        f"select {', '.join(row.values())}\n"
        f" where not exists (select from {name} where {matching(kept.key(migration))});"
    )


def meant(ledger: Ledger, migration: Migration, columns: Collection[str] = (), folder: Folder | None = None) -> str:
    """Return the condition that holds for the row that `recording` writes, but for what is computed then."""
    kept = ledger.kept
    if kept is None or kept.row is None:
        return ""
    said = {column: value for column, value in kept.row(migration).items() if not value.startswith("pg_catalog.")}
    if kept.path:
        said[kept.path] = _path(migration, folder)
    row = ((identifier(name), value) for name, value in said.items() if not columns or name in columns)
    return " and ".join(f"{name} is not distinct from {value}" for name, value in row)


def _path(migration: Migration, folder: Folder | None) -> str:
    return literal(migration.file.removeprefix(f"{folder.path}/" if folder else ""))


def forgetting(ledger: Ledger, table: LedgerTable, recorded: Recorded) -> str:
    """Return the statement that removes what is recorded of a migration; "" if the tool must do that."""
    if ledger.kept is None or ledger.kept.key is None:
        return ""
    return f"delete from {identifier(*table)} where {matching(ledger.kept.key(recorded))};"


def matching(key: Mapping[str, str]) -> str:
    """Return the condition for the columns of a key, whose values are SQL."""
    said = ((identifier(name), value) for name, value in key.items())
    return " and ".join(f"{name} is null" if value == "null" else f"{name} = {value}" for name, value in said)


def told_removal(ledger: Ledger, table: LedgerTable, recorded: Recorded) -> str:
    """Return in sentences how a row is removed whose file is gone: by SQL, and by what the tool offers; "" if unknown.

    Of a ledger that has the newest migration alone, no row is removed: that would say that nothing was applied.
    """
    if ledger.kept is None:
        return ""
    sql = "" if ledger.kept.heads_only else forgetting(ledger, table, recorded)
    by_sql = f"`{' '.join(sql.split())}` removes the row." if sql else ""
    return " ".join(filter(None, (by_sql, ledger.kept.lost(recorded))))
