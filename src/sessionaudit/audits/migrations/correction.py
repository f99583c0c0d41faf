"""Compose the SQL that corrects a ledger: a row that the tool itself would have written, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.audits.migrations.model import LedgerContent, Migration, Recorded
from sessionaudit.audits.migrations.rights import FACET
from sessionaudit.audits.migrations.rules import NOT_RECORDED, NOT_THERE, REJECTED
from sessionaudit.audits.migrations.unseen import unseen
from sessionaudit.sql.text import identifier, literal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from sessionaudit.audits.migrations.ledgers.interface import Kept, Ledger
    from sessionaudit.audits.migrations.model import Folder, LedgerTable
    from sessionaudit.audits.migrations.verdicts import Evidence, MigrationVerdict


class LedgerCorrection(Struct, frozen=True, kw_only=True):
    """How the ledger is corrected for one migration: a row more (`adds`), or one less.

    `sql` is the statement, "" where no row can be composed, and `rows` the condition that finds the row. `command` is
    the tool's own for the same, "" if it has none. `unproven` says what of the migration was not looked at.
    """

    file: str
    version: str
    adds: bool
    sql: str
    rows: str
    command: str = ""
    unproven: str = ""


def corrections(evidence: Evidence, migrations: Iterable[MigrationVerdict]) -> Iterator[LedgerCorrection]:
    """Return what corrects the ledger, where it was proven to be wrong.

    Nothing does for a file that PostgreSQL rejects: what its statements make is not known, and once it is not recorded,
    the tool runs it, and comes to the same end. The same holds where there is another reason for what is not there.
    """
    content, tool = evidence.ledger, evidence.tool
    if not isinstance(content, LedgerContent) or tool.kept is None:
        return
    for one in migrations:
        rules = {finding.rule for finding in one.findings}
        if REJECTED in rules:
            continue
        if NOT_RECORDED in rules and one.migration is not None:
            sql = recording(tool, content.table, one.migration, content.columns, evidence.folder)
            yield _correction(tool.kept, one, one.migration, sql)
        elif NOT_THERE in rules and one.recorded is not None and _would_come(one):
            yield _correction(tool.kept, one, one.recorded, forgetting(tool, content.table, one.recorded))


def _would_come(one: MigrationVerdict) -> bool:
    """Whether nothing of it is there, and nothing prevents that the tool makes it when it runs the file again."""
    return one.standing is not None and not one.standing.there and not any(lack.reason for lack in one.standing.lacking)


def _correction(kept: Kept, one: MigrationVerdict, about: Migration | Recorded, sql: str) -> LedgerCorrection:
    adds = isinstance(about, Migration)
    aside = next(unseen(one.replay), None) if adds and one.replay else None
    return LedgerCorrection(
        file=one.file,
        version=one.version or one.name,
        adds=adds,
        sql=sql,
        rows=_matching(kept.key(about)) if kept.key else "",
        command=kept.command(about, adds),
        unproven=str(aside) if aside else _rights_aside(one) if adds else "",
    )


def _rights_aside(one: MigrationVerdict) -> str:
    """Tell where a role that a statement names has other rights than the file gives it, or leaves it."""
    other = next((other for other in one.standing.otherwise if other.facet == FACET), None) if one.standing else None
    return f"{other.location}: the rights on {other.ref} are {other.actual}, not {other.expected}" if other else ""


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
        said[kept.path] = literal(migration.file.removeprefix(f"{folder.path}/" if folder else ""))
    row = {column: value for column, value in said.items() if not columns or column in columns}
    return (
        f"insert into {name} ({', '.join(map(identifier, row))})\n"
        f"select {', '.join(row.values())}\n"
        f" where not exists (select from {name} where {_matching(kept.key(migration))});"
    )


def forgetting(ledger: Ledger, table: LedgerTable, recorded: Recorded) -> str:
    """Return the statement that removes what is recorded of a migration; "" if the tool must do that."""
    if ledger.kept is None or ledger.kept.key is None:
        return ""
    return f"delete from {identifier(*table)} where {_matching(ledger.kept.key(recorded))};"


def _matching(key: Mapping[str, str]) -> str:
    said = ((identifier(name), value) for name, value in key.items())
    return " and ".join(f"{name} is null" if value == "null" else f"{name} = {value}" for name, value in said)
