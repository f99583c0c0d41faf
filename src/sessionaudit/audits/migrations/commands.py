"""Replay migrations that are programs: the user's own command makes them, in the private database.

Only a command that the contract names is run, and only where the caller was told to. It gets the database in
DATABASE_URL and in libpq's own variables; whatever else it does, it does as the user.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, closing, suppress
from typing import IO, TYPE_CHECKING
from urllib.parse import quote, urlsplit

import psycopg
from msgspec import Struct
from psycopg import sql

from sessionaudit.audits.migrations.effects import History, MigrationReplay, ObjectEffect, differing_facets
from sessionaudit.audits.migrations.history import DATABASE, HistoryOptions
from sessionaudit.audits.migrations.model import Migration
from sessionaudit.core.finding import Location
from sessionaudit.embedded.replay import Replay, replaying
from sessionaudit.embedded.stated_address import variables_of_libpq
from sessionaudit.postgres.connection import connect
from sessionaudit.postgres.following import CatalogFollower

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sessionaudit.postgres.catalog_change import CatalogChange

_PLACE = "replay.command"  # the key of the contract
_LOOK = 0.1  # seconds between two looks at the command
_TAIL = 8192  # bytes of the output that are kept
_MOST_OUTPUT = 64 * 1024**2
_SIZE = b"select pg_catalog.pg_database_size(pg_catalog.current_database())"


class CommandReplay(Struct, frozen=True, kw_only=True):
    """What a command did: the history has it as one migration.

    `code` is its exit code, `output` the end of what it printed, and `stopped` says why it was stopped; "" if it ended
    by itself. Where `untouched`, nothing has changed in the private database: then it may have worked on another one.
    """

    history: History
    code: int
    output: str
    stopped: str = ""

    @property
    def untouched(self) -> bool:
        """Whether the private database is as it was."""
        return not self.history.files[0].effects


def replay_command(
    command: str, directory: Path, options: HistoryOptions | None = None, *, seconds: float = 600
) -> CommandReplay:
    """Run a command of the shell in a directory, for so many seconds at most, on an empty private database.

    Raises DatabaseError where there are no programs of PostgreSQL.
    """
    asked = options or HistoryOptions()
    with (
        replaying(DATABASE, owner=asked.owner, stub=asked.stub, limits=asked.limits) as replay,
        ExitStack() as stack,
    ):
        whole, parts = (stack.enter_context(closing(connect(replay.superuser_url))) for _ in range(2))
        follower = CatalogFollower(whole, parts, statement_timeout=asked.statement_timeout)
        base = {kind: dict(models) for kind, models in follower.objects.items()}
        environment = _environment(replay)
        with closing(replay.by_superuser()) as watcher:
            code, output, stopped = _run(command, directory, environment, watcher, seconds, asked.limits.disk)
        change = follower.again()
        migration = Migration(
            version="", name=command, file=_PLACE, text=command, whole_text=command, transactional=False, is_sql=False
        )
        file = MigrationReplay(
            migration=migration, state="applied" if code == 0 else "rejected", effects=tuple(_effects(change))
        )
        history = History(files=(file,), base=base, final=follower.objects, version=replay.major)
        return CommandReplay(history=history, code=code, output=output, stopped=stopped)


def _environment(replay: Replay) -> dict[str, str]:
    """The variables of a command: those of the user, and the private database in place of any other."""
    parts = urlsplit(replay.superuser_url)
    password = os.urandom(16).hex()
    with closing(replay.by_superuser()) as connection:
        connection.execute(
            sql.SQL("alter role {} password {}").format(sql.Identifier(replay.owner), sql.Literal(password))
        )
    host, port = parts.hostname or "", str(parts.port)
    others = variables_of_libpq()
    kept = {name: value for name, value in os.environ.items() if name not in others}
    return {
        **kept,
        "DATABASE_URL": f"postgresql://{quote(replay.owner, safe='')}:{password}@{host}:{port}/{DATABASE}",
        "PGHOST": host,
        "PGPORT": port,
        "PGUSER": replay.owner,
        "PGPASSWORD": password,
        "PGDATABASE": DATABASE,
    }


def _run(
    command: str,
    directory: Path,
    environment: dict[str, str],
    watcher: psycopg.Connection[tuple[object, ...]],
    seconds: float,
    disk: int,
) -> tuple[int, str, str]:
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(  # noqa: S602 - the contract's own command, which its user wrote for the shell
            command,
            shell=True,
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        stopped = ""
        try:
            stopped = _watched(process, output, watcher, seconds, disk)
        finally:
            _end(process)
        return process.wait(), _tail(output), stopped


def _watched(
    process: subprocess.Popen[bytes],
    output: IO[bytes],
    watcher: psycopg.Connection[tuple[object, ...]],
    seconds: float,
    disk: int,
) -> str:
    """Wait until a command ends; say why it must not go on, if so."""
    deadline = time.monotonic() + seconds
    while True:
        with suppress(subprocess.TimeoutExpired):
            process.wait(_LOOK)
            return ""
        if time.monotonic() > deadline:
            return f"it took longer than {seconds:g} s, and was stopped"
        if os.fstat(output.fileno()).st_size > _MOST_OUTPUT:
            return f"it printed more than {_MOST_OUTPUT // 1024**2} MiB, and was stopped"
        row = watcher.execute(_SIZE).fetchone()
        if row and isinstance(row[0], int) and row[0] > disk:
            return f"it took more than {disk // 1024**2:,} MiB of the disk, and was stopped"


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the command and what it started, whatever of it is left."""
    if sys.platform == "win32":
        process.kill()
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _tail(output: IO[bytes]) -> str:
    size = os.fstat(output.fileno()).st_size
    output.seek(max(size - _TAIL, 0))
    return output.read(_TAIL).decode(errors="replace")


def _effects(change: CatalogChange) -> Iterator[ObjectEffect]:
    nowhere = Location(_PLACE, 0)
    for ref, model in change.added.items():
        yield ObjectEffect(ref, "added", nowhere, None, model)
    for ref, (old, new) in change.changed.items():
        if facets := differing_facets(ref.kind, old, new):
            yield ObjectEffect(ref, "changed", nowhere, old, new, facets)
    for ref, model in change.dropped.items():
        yield ObjectEffect(ref, "dropped", nowhere, model, None)
