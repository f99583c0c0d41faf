"""Control the pace of a bulk repair: the size of its batches, and when it must wait."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import psycopg
from msgspec import Struct, field

from sessionaudit.audits.data.transaction import transaction
from sessionaudit.errors import DatabaseError
from sessionaudit.postgres.connection import broken as broken_connection

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sessionaudit.postgres.connection import Connection

# Measured: batches of up to 5,000 rows leave another writer's p99 at 3 ms, of 10,000 and more at 800.
MOST = 5000
FIRST = 500
_LEAST = 50
_FELT = 0.01  # seconds
_LOOK = 0.5
_TIMEOUT = 30.0
_LAG = """
select coalesce(pg_catalog.max(extract(epoch from r.replay_lag)), 0)::float8,
       pg_catalog.count(*) filter (where r.replay_lsn is null and r.state is null) > 0
  from pg_catalog.pg_stat_replication r"""

_SEEN = """
select pg_catalog.pg_has_role('pg_read_all_stats', 'usage'), pg_catalog.quote_ident(current_user),
       (select pg_catalog.count(*) from pg_catalog.pg_stat_replication)"""


def replicas(connection: Connection) -> int:
    """Count the replicas that stream from the server. Raises DatabaseError if the role cannot see their lag."""
    try:
        with transaction(connection, "public", timeout=_TIMEOUT):
            row = connection.execute(_SEEN).fetchone()
    except psycopg.Error as error:
        raise broken_connection(error, "looking for replicas") from None
    seen, role, number = row or (False, "ROLE", 0)
    if not seen:
        raise DatabaseError(
            "the role cannot see how far replicas lag behind, so --max-lag would never wait",
            hint=f"As a superuser: grant pg_monitor to {role};",
        )
    return int(number)


class Pace(Struct):
    """Computes the size of the next batch, so that a batch takes about `target` seconds; shared by the workers."""

    target: float = 0.15
    most: int = MOST
    size: int = FIRST
    max_lag: float | None = None
    pause_file: Path | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def took(self, rows: int, seconds: float, commit: float = 0) -> None:
        """Adjust the size after a batch, at most by a factor of two, towards the target.

        `commit` is the duration of its commit in seconds: other sessions that commit at that moment wait as long.
        """
        if not rows:
            return
        with self._lock:
            wanted = rows * min(self.target / max(seconds, 0.001), _FELT / max(commit, 0.0001))
            grown = min(max(wanted, self.size / 2), self.size * 2)
            self.size = int(min(max(grown, _LEAST), self.most))

    def wait(self, connection: Connection, stop: threading.Event, tell: Callable[[str], None]) -> None:
        """Wait while the pause file exists or a replica lags too far behind."""
        said = ""
        while not stop.is_set():
            reason = self._reason(connection)
            if not reason:
                break
            if reason != said:
                tell(reason)
                said = reason
            stop.wait(_LOOK)
        if said:
            tell("")

    def _reason(self, connection: Connection) -> str:
        if self.pause_file is not None and self.pause_file.exists():
            return f"paused: {self.pause_file} exists"
        if self.max_lag is not None:
            with transaction(connection, "public", timeout=_TIMEOUT):
                row = connection.execute(_LAG).fetchone()
            if row is not None and row[0] > self.max_lag:
                return f"paused: a replica is {row[0]:.1f} s behind"
        return ""


class Turn:
    """A turn at the server, which ends with the block or earlier; `waited` is the time in seconds until it began."""

    def __init__(self, turns: threading.Semaphore) -> None:
        self._turns = turns
        self._open = False
        self.waited = 0.0

    def __enter__(self) -> Turn:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def begin(self) -> None:
        """Wait for the turn."""
        watch = Stopwatch()
        self._turns.acquire()
        self._open = True
        self.waited = watch.seconds

    def end(self) -> None:
        """Let the next one begin."""
        if self._open:
            self._open = False
            self._turns.release()


class Stopwatch:
    """Measures the seconds since its creation."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    @property
    def seconds(self) -> float:
        """The seconds so far."""
        return time.monotonic() - self._start
