"""The server that is measured on, and the databases in it."""

from __future__ import annotations

import re
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from benchmarks import generator
from sessionaudit.embedded.binaries import Binaries, find_binaries
from sessionaudit.embedded.server import temporary_server

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from sessionaudit.embedded.server import Server

# Room for pg_dump's locks, and for the catalogs of 5,000 tables.
_SETTINGS = {"shared_buffers": "512MB", "max_locks_per_transaction": "512", "max_wal_size": "4GB"}


@dataclass(frozen=True, slots=True)
class Host:
    """A running server, and the `pg_dump` of its own version, if there is one."""

    server: Server
    pg_dump: Path | None

    def url(self, database: str) -> str:
        """Return the URL of a database."""
        return self.server.url(database)

    def environment(self, database: str) -> dict[str, str]:
        """What libpq, and all that is built on it, needs to reach a database."""
        return {
            "PGHOST": self.server.host,
            "PGPORT": str(self.server.port),
            "PGUSER": self.server.user,
            "PGPASSWORD": self.server.password,
            "PGDATABASE": database,
        }

    def create(self, database: str, tables: range) -> None:
        """Make a database as it should be."""
        self._execute("postgres", [f"create database {database}"])
        self._execute(database, [*generator.creation(tables), "vacuum (analyze)"])

    def copy(self, database: str, of: str, drifts: Iterable[generator.Drift]) -> None:
        """Make a copy of a database and let it drift."""
        strategy = "strategy file_copy" if int(self.server.version.split(".")[0]) >= 15 else ""
        self._execute("postgres", [f"create database {database} template {of} {strategy}"])
        self._execute(database, [drift.statement for drift in drifts])

    def drop(self, database: str) -> None:
        """Drop a database."""
        self._execute("postgres", [f"drop database if exists {database}"])

    def _execute(self, database: str, texts: Iterable[str]) -> None:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            for text in texts:
                connection.execute(text.encode())


@contextmanager
def running_host() -> Generator[Host]:
    """Start a private server: of the version that has a `pg_dump` beside it, if there is one on this machine."""
    binaries = _with_pg_dump() or find_binaries()
    pg_dump = binaries.directory / "pg_dump"
    with temporary_server(binaries, settings=_SETTINGS) as server:
        yield Host(server, pg_dump if pg_dump.exists() else None)


def _with_pg_dump() -> Binaries | None:
    pg_config = shutil.which("pg_config")
    if pg_config is None:
        return None
    directory = Path(_output(pg_config, "--bindir").strip())
    if not all((directory / program).exists() for program in ("initdb", "pg_ctl", "postgres", "pg_dump")):
        return None
    version = re.search(r"\(PostgreSQL\) (\d\S*)", _output(str(directory / "postgres"), "--version"))
    return Binaries(directory, version[1]) if version else None


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
