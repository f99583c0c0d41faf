"""Mending all rows of an invariant: their keys collected once, then batch by batch."""

from __future__ import annotations

import contextlib
import re
import tempfile
import threading
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

import psycopg

from sessionaudit.connection import broken as broken_connection
from sessionaudit.connection import closing, connect
from sessionaudit.data import links, query
from sessionaudit.data.journal import batches
from sessionaudit.data.pace import Stopwatch
from sessionaudit.data.repair import LOCK_TIMEOUT, Batch, Walk, mend, promised, retried, set_batch, take_back
from sessionaudit.data.repair import arrived as arrivals
from sessionaudit.data.repair import run as run_statement
from sessionaudit.data.transaction import transaction
from sessionaudit.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sessionaudit.connection import Connection
    from sessionaudit.data.journal import Journal
    from sessionaudit.data.pace import Pace
    from sessionaudit.data.repair import Repair

_PASSES = 5  # over what others had locked
_PAUSE = 0.1
_UNLIMITED = 0.0
_BATCH_TIMEOUT = 120.0
_CONSTRAINT = "23"
_XIDS = 2**32
_MANY = 20_000
_NOW = "select pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())::text::bigint"


@dataclass(slots=True)
class Progress:
    """How far a run is; `paused` says why it waits."""

    total: int = 0
    looked: int = 0
    made: int = 0
    superseded: int = 0
    batches: int = 0
    size: int = 0
    paused: str = ""
    failures: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Bulk:
    """A run over all broken rows of one invariant.

    `tell` is called with the progress after each batch. Setting `stop` ends the run after the batches
    that are under way. `batch` names the run in the rows.
    """

    connect: Callable[[], Connection]
    repair: Repair
    journal: Journal
    pace: Pace
    batch: str
    jobs: int = 1
    since: str = ""
    limit: int | None = None
    tell: Callable[[Progress], None] = lambda _: None
    stop: threading.Event = field(default_factory=threading.Event)
    progress: Progress = field(default_factory=Progress)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _walk: Walk = field(default_factory=Walk)
    _began: int = 0
    _ours: set[int] = field(default_factory=set)

    def run(self) -> Progress:
        """Mend all. Raises DatabaseError where the server fails; what was committed stays, and is in the journal."""
        with tempfile.TemporaryFile("w+b") as first:
            todo: IO[bytes] = first
            self.progress.total = self._collect(todo)
            for attempt in range(_PASSES):
                with contextlib.ExitStack() as stack:
                    again = stack.enter_context(tempfile.TemporaryFile("w+b"))
                    self._pass(todo, again)
                    left = again.tell()
                    if not left or self.stop.is_set():
                        break
                    again.seek(0)
                    todo.seek(0)
                    todo.truncate()
                    for line in again:
                        todo.write(line)
                self.stop.wait(_PAUSE * 2**attempt)
        self._give_way()
        self._supersede()
        return self.progress

    def _collect(self, into: IO[bytes]) -> int:
        """Write the keys of the broken rows into a file, one in a line; their number."""
        asked = query.keys(self.repair.invariant, self.repair.table, since_moment=self.since, limit=self.limit)
        number = 0
        with closing(self.connect()) as connection:
            try:
                row = connection.execute(_NOW).fetchone()
                self._began = row[0] if row else 0
                copying = f"copy ({asked.text}) to stdout".encode()
                unhurried = transaction(connection, self.repair.schema, timeout=_UNLIMITED)
                with unhurried, connection.cursor().copy(copying) as copy:
                    for block in copy:
                        into.write(block)
                        number += bytes(block).count(b"\n")
                        if self.stop.is_set():
                            break
                sample = _some(into, 2 * self.pace.size)
                with transaction(connection, self.repair.schema, timeout=_BATCH_TIMEOUT):
                    self._walk = self._by_index(connection, {"keys": sample})
            except psycopg.Error as error:
                raise broken_connection(error, "collecting the keys of the rows to mend") from None
        return number

    def _by_index(self, connection: Connection, parameters: dict[str, list[str]]) -> Walk:
        """Which statements can go by indexes alone: these are held to it, so that no plan flips with a batch's size."""
        repair = self.repair
        looking = query.still_broken(repair.invariant, repair.table).with_parameters
        after = repair.supersede
        return Walk(
            rows=all(links.walks(connection, one, parameters) for one in (looking, repair.statement.bytes)),
            supersede=after is not None and links.walks(connection, after.bytes, parameters),
        )

    def _pass(self, todo: IO[bytes], again: IO[bytes]) -> None:
        todo.seek(0)
        outcomes = [self._start(todo, again) for _ in range(self.jobs)]
        while True:
            done, open_ = wait(outcomes, timeout=0.2)
            if any(one.exception() for one in done):
                self.stop.set()
            if not open_:
                break
        for one in outcomes:
            one.result()

    def _start(self, todo: IO[bytes], again: IO[bytes]) -> Future[None]:
        outcome: Future[None] = Future()

        def work() -> None:
            try:
                self._work(todo, again)
            except BaseException as error:
                outcome.set_exception(error)
            else:
                outcome.set_result(None)

        threading.Thread(target=work, daemon=True).start()
        return outcome

    def _work(self, todo: IO[bytes], again: IO[bytes]) -> None:
        with closing(self.connect()) as connection:
            while not self.stop.is_set():
                try:
                    self.pace.wait(connection, self.stop, self._paused)
                    keys = self._take(todo)
                    if not keys or self.stop.is_set():
                        return
                    self._batch(connection, keys, again)
                except psycopg.Error as error:
                    raise broken_connection(error, "mending rows") from None

    def _take(self, todo: IO[bytes]) -> list[str]:
        with self._lock:
            lines = [todo.readline() for _ in range(self.pace.size)]
        return [_key(line) for line in lines if line]

    def _batch(self, connection: Connection, keys: Sequence[str], again: IO[bytes]) -> None:
        watch = Stopwatch()
        try:
            batch = self._mend(connection, keys)
        except psycopg.Error as error:
            if retried(error):
                self._set_aside(again, keys)
                self.stop.wait(_PAUSE)
                return
            if not (error.sqlstate or "").startswith((_CONSTRAINT, "22", "P0")):
                raise
            if len(keys) == 1:
                self._failed(keys[0], error)
                return
            half = len(keys) // 2  # find the row that cannot be mended, and mend the others
            self._batch(connection, keys[:half], again)
            self._batch(connection, keys[half:], again)
            return
        self.pace.took(len(keys), watch.seconds)
        self._set_aside(again, sorted(set(keys) - set(batch.taken)))
        with self._lock:
            if batch.made:
                self._ours.add(batch.transaction)
            self.progress.looked += len(batch.taken)
            self.progress.made += len(batch.made)
            self.progress.superseded += len(batch.superseded)
            self.progress.batches += 1
            self.progress.size = self.pace.size
            self.tell(self.progress)

    def _mend(self, connection: Connection, keys: Sequence[str]) -> Batch:
        closers: list[Callable[[], None]] = []

        def before_commit(batch: Batch) -> None:
            if batch.made:
                closers.append(self.journal.begin(self.repair.invariant.name, batch))

        batch = mend(
            connection,
            self.repair,
            keys,
            batch=self.batch,
            skip_locked=True,
            verify=False,
            walk=self._walk,
            timeout=_BATCH_TIMEOUT,
            before_commit=before_commit,
        )
        for close in closers:
            close()
        return batch

    def _give_way(self) -> None:
        """Take back our rows where others made the promised one too, while we were at work.

        What others wrote in the meantime is little; it is found by its versions in one pass.
        """
        if not self._ours or not promised(self.repair):
            return
        number = str(self._began % _XIDS)
        ours = [str(one % _XIDS) for one in self._ours]
        with closing(self.connect()) as connection:
            try:
                asked = query.foreign(self.repair.invariant, self.repair.table).with_parameters
                with transaction(connection, self.repair.schema, timeout=_UNLIMITED):
                    rows = connection.execute(asked, {"start": number, "ours": ours})
                    theirs = {row[0] for row in rows}
                for entry in batches(self.journal.path) if theirs else ():
                    if entry.transaction not in self._ours:
                        continue
                    doubtful = [one for one in entry.made if one.key in theirs and one.inserted]
                    with transaction(connection, self.repair.schema, timeout=_BATCH_TIMEOUT):
                        late = set(arrivals(connection, self.repair, doubtful))
                    gone = take_back(
                        connection, self.repair, [one for one in doubtful if one.key in late], entry.transaction
                    )
                    self.progress.made -= len(gone)
            except psycopg.Error as error:
                raise broken_connection(error, "looking for rows that others made meanwhile") from None

    def _supersede(self) -> None:
        """Retire what the new rows take the place of, where no index finds it: for many keys at once.

        The keys are those of the journal, so that it is made up for after a kill.
        """
        if self.repair.supersede is None or self._walk.supersede or self.stop.is_set():
            return
        with closing(self.connect()) as connection:
            keys: list[str] = []
            for entry in batches(self.journal.path):
                if entry.invariant != self.repair.invariant.name:
                    continue
                table = self.repair.statement.target
                keys += {one.key for one in entry.made if one.table == table and one.inserted}
                if len(keys) >= _MANY:
                    self._retire(connection, keys)
                    keys = []
            self._retire(connection, keys)

    def _retire(self, connection: Connection, keys: list[str]) -> None:
        repair = self.repair
        statement = repair.supersede
        if statement is None or not keys:
            return
        for attempt in range(_PASSES):
            try:
                with transaction(connection, repair.schema, timeout=_UNLIMITED, lock_timeout=LOCK_TIMEOUT, write=True):
                    links.by_scan(connection)
                    number = set_batch(connection, self.batch)
                    after = run_statement(connection, statement, keys)
                    close = (
                        self.journal.begin(repair.invariant.name, Batch((), (), after, (), number)) if after else None
                    )
                    connection.execute("commit")
            except psycopg.Error as error:
                if not retried(error) or attempt == _PASSES - 1:
                    raise broken_connection(error, "retiring rows that were superseded") from None
                self.stop.wait(_PAUSE * 2**attempt)
            else:
                if close is not None:
                    close()
                self.progress.superseded += len(after)
                return

    def _set_aside(self, again: IO[bytes], keys: Sequence[str]) -> None:
        if keys:
            with self._lock:
                again.write(b"".join(_line(key) for key in keys))

    def _failed(self, key: str, error: psycopg.Error) -> None:
        with self._lock:
            said = " ".join((error.diag.message_primary or str(error)).split())
            if len(self.progress.failures) < 20:
                self.progress.failures.append(f"{key}: {said}")
            self.progress.looked += 1

    def _paused(self, reason: str) -> None:
        with self._lock:
            self.progress.paused = reason
            self.tell(self.progress)


def _some(file: IO[bytes], number: int) -> list[str]:
    file.seek(0)
    return [_key(line) for line in (file.readline() for _ in range(number)) if line]


# As COPY writes a text (the manual's page of COPY, “Text Format”).
_ESCAPES = {"\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}
_ESCAPED = {escape: character for character, escape in _ESCAPES.items()}


def _key(line: bytes) -> str:
    text = line.decode().removesuffix("\n")
    return re.sub(r"\\.", lambda match: _ESCAPED[match[0]], text) if "\\" in text else text


def _line(key: str) -> bytes:
    return ("".join(_ESCAPES.get(character, character) for character in key) + "\n").encode()


def left(connection: Connection, repair: Repair, *, timeout: float) -> tuple[int, list[str]]:
    """How many rows break the invariant, and the keys of some. Raises DatabaseError."""
    asked = query.count(repair.invariant, repair.table)
    try:
        with transaction(connection, repair.schema, timeout=timeout):
            row = connection.execute(asked.text.encode()).fetchone()
    except psycopg.Error as error:
        raise broken_connection(error, f"counting the rows of {repair.invariant.name}") from None
    if row is None:
        raise DatabaseError(f"the server counted nothing for {repair.invariant.name}")
    return row[0], row[1] or []


def connecting(url: str | None) -> Callable[[], Connection]:
    """A function that opens one more connection."""
    return lambda: connect(url)
