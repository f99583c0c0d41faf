"""Runs SQL of which nothing is known: no statement takes longer, or more of the disk or of the memory, than it may.

A statement can undo every setting of its session, `statement_timeout` among them, and catch a cancelled query. So the
time and the disk are watched from here, and what takes too much loses its connection. The memory is limited by the
operating system where that can limit another process (Linux): then PostgreSQL refuses the statement itself.
"""

from __future__ import annotations

import contextlib
import select
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
from msgspec import Struct
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus, TransactionStatus

from sessionaudit.core import sqlstate
from sessionaudit.sql.text import sent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg.errors import Diagnostic
    from psycopg.pq.abc import PGconn, PGresult

    Watcher = psycopg.Connection[tuple[Any, ...]]

_LOOK = 0.25  # seconds between two looks at the disk
_CHUNK = 65536
_PAGE = 4096  # bytes, in which Linux counts the memory of a process on the usual machines
_SIZE = "select pg_catalog.sum(pg_catalog.pg_database_size(d.oid))::bigint from pg_catalog.pg_database d"
_END = "select pg_catalog.pg_terminate_backend(%s)"
_DISCARD = "discard all"
_MOST_NOTICES = 1000  # that nobody has taken
_MOST_TAGS = 8
_ENDED = {ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK, ExecStatus.EMPTY_QUERY}


class ReplayLimits(Struct, frozen=True, kw_only=True):
    """What a statement may take: seconds, bytes of the disk, which all before it share, and bytes of the memory."""

    seconds: float = 30
    disk: int = 2 * 1024**3
    temporary: int = 512 * 1024**2
    memory: int = 2 * 1024**3


class ReplayRefusal(Struct, frozen=True, kw_only=True):
    """What the server says of a statement; `position` is that of a character, from 1, 0 where none is told.

    One that is `ours` was stopped from here.
    """

    state: str
    message: str
    position: int = 0
    ours: bool = False


class ServerNotice(NamedTuple):
    """A notice or a warning: how many statements of the call had ended before, its SQLSTATE, and the message."""

    after: int
    state: str
    message: str


class BoundedConnection:
    """A connection on which statements run within limits; `watcher` is a superuser's, who ends what exceeds them.

    What the server remarks is kept until it is taken.
    """

    def __init__(self, url: str, watcher: Watcher, limits: ReplayLimits) -> None:
        self._connection = psycopg.connect(url, autocommit=True, prepare_threshold=None, client_encoding="utf8")
        self._pg: PGconn = self._connection.pgconn
        self._pg.nonblocking = 1
        self._pid = self._connection.info.backend_pid
        self._watcher, self._limits = watcher, limits
        self._deadline = self._look = 0.0
        self._stopped = ""
        self._ended = 0
        self._notices: list[ServerNotice] = []
        self._tags: list[str] = []
        self._connection.add_notice_handler(self._notice)
        _limit_memory(self._pid, limits.memory)

    def close(self) -> None:
        """Close the connection; what runs there is rolled back."""
        self._connection.close()

    @property
    def pid(self) -> int:
        """The process of the server that runs what is sent here."""
        return self._pid

    @property
    def lost(self) -> bool:
        """Whether the connection is gone."""
        return bool(self._stopped) or self._pg.status != ConnStatus.OK

    @property
    def ended(self) -> int:
        """How many statements of the last call have ended without an error."""
        return self._ended

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open and can go on."""
        return self._pg.transaction_status == TransactionStatus.INTRANS

    @property
    def in_failed(self) -> bool:
        """Whether a transaction is open that can only be rolled back."""
        return self._pg.transaction_status == TransactionStatus.INERROR

    def forget(self) -> bool:
        """Undo all that statements have set for the session; False if that is not possible."""
        if self.lost or ((self.in_transaction or self.in_failed) and self.run("rollback")):
            return False
        return self.run(_DISCARD) is None

    def take_notices(self) -> list[ServerNotice]:
        """What the server remarked since this was asked last."""
        taken, self._notices = self._notices, []
        return taken

    def take_tags(self) -> list[str]:
        """What the server said of the statements that ended since this was asked last, as in INSERT 0 3."""
        taken, self._tags = self._tags, []
        return taken

    def finds(self, query: str) -> bool:
        """Whether a query has a row; false also where it is refused. Nobody is told of it."""
        told, self._tags = self._tags, []
        refused = self.run(query)
        found = refused is None and self._tags[-1:] != ["SELECT 0"]
        self._tags = told
        return found

    def run_together(self, sqls: Sequence[str]) -> ReplayRefusal | None:
        """Run statements, none of them a COPY, in one message: several times as fast. The first refusal ends it."""
        return self.run("\n;".join(sqls))

    def run(self, sql: str, data: str | None = None) -> ReplayRefusal | None:
        """Run one statement, with the data of a COPY; what it gives back is dropped. None when it succeeded."""
        if self.lost:
            return ReplayRefusal(
                state=sqlstate.CONNECTION_DOES_NOT_EXIST, message=self._stopped or "the connection was lost"
            )
        self._deadline = time.monotonic() + self._limits.seconds
        self._ended = 0
        refused: ReplayRefusal | None = None
        try:
            self._pg.send_query(sent(sql))
            self._flush()
            self._pg.set_single_row_mode()
            while (result := self._result()) is not None:
                refused = self._taken(result, data) or refused
        except psycopg.Error as error:
            refused = refused or ReplayRefusal(state=sqlstate.CONNECTION_FAILURE, message=str(error).strip())
        if self._stopped:
            return ReplayRefusal(state=sqlstate.ADMIN_SHUTDOWN, message=self._stopped, ours=True)
        return refused

    def _result(self) -> PGresult | None:
        while self._pg.is_busy():
            self._wait()
            self._pg.consume_input()
        self._watch()
        return self._pg.get_result()

    def _taken(self, result: PGresult, data: str | None) -> ReplayRefusal | None:
        if result.status == ExecStatus.COPY_IN:
            self._send(sent(data or ""))
        elif result.status == ExecStatus.COPY_OUT:
            while (length := self._pg.get_copy_data(1)[0]) != -1:
                if not length:
                    self._wait()
                    self._pg.consume_input()
                self._watch()
        elif result.status in _ENDED:
            self._ended += 1
            self._tags = [*self._tags[-_MOST_TAGS:], (result.command_status or b"").decode(errors="replace")]
            self._deadline = time.monotonic() + self._limits.seconds
        elif result.status in {ExecStatus.FATAL_ERROR, ExecStatus.BAD_RESPONSE}:
            return _refusal(result)
        return None

    def _send(self, data: bytes) -> None:
        for start in range(0, len(data), _CHUNK):
            while not self._pg.put_copy_data(data[start : start + _CHUNK]):
                self._wait(writing=True)
            self._flush()
        while not self._pg.put_copy_end():
            self._wait(writing=True)
        self._flush()

    def _flush(self) -> None:
        while self._pg.flush():
            self._wait(writing=True)
            self._pg.consume_input()

    def _wait(self, *, writing: bool = False) -> None:
        socket = [self._pg.socket]
        select.select(socket, socket if writing else [], [], _LOOK)
        self._watch()

    def _watch(self) -> None:
        """End the connection where a limit is exceeded; what was sent is answered all the same, with an error."""
        now = time.monotonic()
        if self._stopped:
            return
        if now > self._deadline:
            self._stop(f"it took longer than {self._limits.seconds:g} s, and was stopped")
        elif now > self._look:
            self._look = now + _LOOK
            row = self._watcher.execute(_SIZE).fetchone()
            if row and row[0] > self._limits.disk:
                self._stop(f"it took more than {self._limits.disk // 1024**2:,} MiB of the disk, and was stopped")
            elif _memory_of(self._pid) > self._limits.memory:
                self._stop(f"it took more than {self._limits.memory // 1024**2:,} MiB of the memory, and was stopped")

    def _stop(self, why: str) -> None:
        self._stopped = why
        self._watcher.execute(_END, (self._pid,))

    def _notice(self, diagnostic: Diagnostic) -> None:
        if len(self._notices) < _MOST_NOTICES:
            notice = ServerNotice(self._ended, diagnostic.sqlstate or "", diagnostic.message_primary or "")
            self._notices.append(notice)


def _memory_of(pid: int) -> int:
    """The bytes of the memory that a process has of its own; 0 where the operating system does not tell."""
    try:
        _, resident, shared, *_ = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return 0
    return (int(resident) - int(shared)) * _PAGE


def _limit_memory(pid: int, most: int) -> None:
    """Have the operating system refuse a backend more memory, where it can: the server is ours, on this machine."""
    if sys.platform == "linux":
        import resource  # noqa: PLC0415 - which not every system has

        with contextlib.suppress(OSError, ValueError):
            resource.prlimit(pid, resource.RLIMIT_AS, (most, most))


def _refusal(result: PGresult) -> ReplayRefusal:
    def field(which: DiagnosticField) -> str:
        return (result.error_field(which) or b"").decode(errors="replace")

    return ReplayRefusal(
        state=field(DiagnosticField.SQLSTATE),
        message=field(DiagnosticField.MESSAGE_PRIMARY) or result.error_message.decode(errors="replace").strip(),
        position=int(field(DiagnosticField.STATEMENT_POSITION) or 0),
    )
