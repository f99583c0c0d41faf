"""Journals by hand: what a repair did to rows, done here, and told as a run would tell it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from caserunner import statements
from servers import connect
from sessionaudit.backfill.journal.writing import Journal
from sessionaudit.backfill.row_changes import Batch, Did, RowChange
from sessionaudit.postgres.identity import identity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

INSERTED, UPDATED, DELETED = Did.INSERTED, Did.UPDATED, Did.DELETED


def prepare(url: str, *statements: str) -> None:
    with connect(url) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def made(table: str, did: Did, row: str, was: Mapping[str, str | None] | None = None) -> RowChange:
    schema, _, name = table.rpartition(".")
    return RowChange((schema or "public", name), did, row, row, was or {})


def batch(
    url: str, path: Path, statement: str, rows: Sequence[RowChange], *, invariant: str = "i", close: bool = True
) -> int:
    """Run a statement as a batch that is told in the journal; the number of its transaction."""
    with connect(url) as connection:
        journal = Journal.open(path, run="r", about={**identity(connection), "schema": "public"})
        connection.execute("begin")
        found = connection.execute("select pg_current_xact_id()::text::bigint").fetchone()
        number: int = found[0] if found else 0
        for one in statements(f"{statement};"):  # a connection of ours takes one at a time
            connection.execute(one.encode())
        end = journal.begin(invariant, Batch((), tuple(rows), (), number))
        connection.execute("commit")
        if close:
            end()
        journal.close()
    return number


def rows(url: str, table: str) -> list[dict[str, Any]]:
    """All rows of a table, by their ids."""
    with connect(url) as connection:
        return [row[0] for row in connection.execute(f"select to_jsonb(t) from {table} t order by t.id".encode())]


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
