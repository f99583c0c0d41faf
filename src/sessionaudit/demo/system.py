"""The session-request system, as it should be and as it was found."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from sessionaudit.demo.server import Server

_HERE = Path(__file__).parent
GOOD = ("platform", "system", "data")
BROKEN = (*GOOD, "faults")


def contract() -> Path:
    """The contract of the system: beside this module in an installation, at the top of a checkout."""
    installed = _HERE / "expected_schema.yaml"
    found = installed if installed.exists() else _HERE.parents[2] / "expected_schema.yaml"
    return found.relative_to(Path.cwd()) if found.is_relative_to(Path.cwd()) else found


def statements(parts: tuple[str, ...]) -> list[str]:
    """The SQL of GOOD or BROKEN, one text for each part."""
    return [(_HERE / f"{part}.sql").read_text(encoding="utf-8") for part in parts]


def create(server: Server, database: str, parts: tuple[str, ...]) -> str:
    """Make a database that holds the system, and give its URL."""
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f'create database "{database}"'.encode())
    with psycopg.connect(server.url(database), autocommit=True) as connection:
        for text in statements(parts):
            connection.execute(text.encode())
    return server.url(database)
