"""What `check` asks the server: recorded while its own reader does it, so that `bare.py` asks just the same."""

from __future__ import annotations

import marshal
from typing import TYPE_CHECKING, Any

import psycopg

from sessionaudit.contract import file_text
from sessionaudit.contract.loader import outline
from sessionaudit.postgres import catalog
from sessionaudit.postgres.connection import connect

if TYPE_CHECKING:
    from pathlib import Path


def record(url: str, contract: Path, into: Path) -> None:
    """Write the queries of a contract's audit into a file: text, arguments, whether in binary, whether rows come."""
    asked: list[tuple[Any, Any, psycopg.Cursor[Any]]] = []

    class Recorder(psycopg.Cursor[Any]):
        had_rows = False

        def close(self) -> None:
            self.had_rows = self.description is not None
            super().close()

        def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
            asked.append((query, params, self))
            return super().execute(query, params, **options)

    with connect(url) as connection:
        connection.cursor_factory = Recorder
        outlined = outline(file_text.read(contract), str(contract))
        catalog.read(connection, lambda: outlined, statement_timeout=60)
    into.write_bytes(
        marshal.dumps(
            [
                (
                    query,
                    params,
                    bool(cursor.format),
                    cursor.description is not None or getattr(cursor, "had_rows", False),
                )
                for query, params, cursor in asked
            ]
        )
    )
