"""The journal of a backfill: what was made, by key, before it is committed. JSON lines.

A batch is written, and on the disk, before its commit, and closed after it. A batch that is not closed
is in doubt: its transaction came about or it did not, which the rows themselves tell. The file holds
the values of rows, so that only its owner may read it.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, NamedTuple, cast

import psycopg

from sessionaudit.connection import broken as broken_connection
from sessionaudit.data.made import Did, Made
from sessionaudit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from sessionaudit.connection import Connection
    from sessionaudit.data.made import Batch

VERSION = 2
_BATCH = b'{"event":"batch"'
_DATABASE = "select d.oid::bigint from pg_catalog.pg_database d where d.datname = pg_catalog.current_database()"
_SERVER = "select c.system_identifier::text from pg_catalog.pg_control_system() c"
_NO_RIGHT = "42501"


def identity(connection: Connection) -> dict[str, Any]:
    """What tells a database from every other: its name, its oid, and its cluster's identifier, where it may be read.

    The numbers of transactions mean something there alone. Raises DatabaseError.
    """
    row = server = None
    try:
        row = connection.execute(_DATABASE).fetchone()
        server = connection.execute(_SERVER).fetchone()
    except psycopg.Error as error:
        if error.sqlstate != _NO_RIGHT:
            raise broken_connection(error, "asking which database this is") from None
    return {
        "database": connection.info.dbname,
        "oid": row[0] if row else None,
        "system": server[0] if server else None,
    }


class Entry(NamedTuple):
    """A batch as the journal has it: its number, its transaction's, its rows, and whether to retire is still due."""

    number: int
    transaction: int
    made: tuple[Made, ...]
    invariant: str
    retire: bool


@dataclass(slots=True)
class Journal:
    """A journal that is written; several threads may write to it."""

    path: Path
    run: str
    _file: IO[bytes]
    _number: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def open(cls, path: Path, *, run: str, about: dict[str, Any]) -> Journal:
        """Begin a journal, or go on with one of the same database; `about` has its identity. Raises UsageError."""
        file = _locked(path)
        try:
            head = _head(path) if path.stat().st_size else None
            _same(path, head or {}, about)
        except BaseException:
            file.close()
            raise
        journal = cls(path, head["run"] if head else run, file)
        journal._mend_end()
        if head is None:
            journal._write({"event": "start", "version": VERSION, "run": run, **about})
        else:
            journal._number = max((entry.number for entry in batches(path)), default=0)
        return journal

    @property
    def number(self) -> int:
        """The number of the last batch."""
        return self._number

    def _mend_end(self) -> None:
        """Take away what is left of a line that was not written whole: its batch cannot have been committed."""
        self._file.seek(0)
        whole = 0
        for line in self._file:
            if line.endswith(b"\n"):
                whole += len(line)
        self._file.truncate(whole)
        self._file.seek(0, os.SEEK_END)

    def begin(self, invariant: str, batch: Batch) -> Callable[[], None]:
        """Put a batch on the disk, and return what closes it after its commit."""
        with self._lock:
            self._number += 1
            number = self._number
            record = {
                "event": "batch",
                "number": number,
                "invariant": invariant,
                "transaction": batch.transaction,
                "retire": batch.retire,
                "made": list(_grouped((*batch.made, *batch.superseded))),
            }
            self._write(record)
        return lambda: self.close_batch(number)

    def close_batch(self, number: int) -> None:
        """Say that a batch was committed; it need not be on the disk, for the rows tell it too."""
        with self._lock:
            self._write({"event": "done", "number": number}, sync=False)

    def lost(self, number: int) -> None:
        """Say that a batch never was committed."""
        with self._lock:
            self._write({"event": "lost", "number": number})

    def undone(self, number: int, transaction: int) -> None:
        """Say that a batch is being taken back, in a transaction of its own."""
        with self._lock:
            self._write({"event": "undone", "number": number, "transaction": transaction})

    def began(self, invariant: str, transaction: int) -> None:
        """Say that a run over all rows begins: what others write since this transaction is to be looked at."""
        with self._lock:
            self._write({"event": "began", "invariant": invariant, "transaction": transaction})

    def looked(self, invariant: str) -> None:
        """Say that for all batches so far it was looked what others wrote at the same time."""
        with self._lock:
            self._write({"event": "looked", "invariant": invariant, "number": self._number})

    def retired(self, numbers: Iterable[int]) -> None:
        """Say that what the rows of these batches take the place of was retired."""
        with self._lock:
            self._write({"event": "retired", "numbers": list(numbers)})

    def _write(self, record: dict[str, Any], *, sync: bool = True) -> None:
        self._file.write((json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n").encode())
        self._file.flush()
        if sync:
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _grouped(made: Iterable[Made]) -> Iterator[dict[str, Any]]:
    groups: dict[tuple[tuple[str, ...], Did], list[list[Any]]] = {}
    for one in made:
        row: list[Any] = [one.row, one.key]
        groups.setdefault((one.table, one.did), []).append([*row, dict(one.was)] if one.was else row)
    for (table, did), rows in groups.items():
        yield {"table": list(table), "did": did, "rows": rows}


def _locked(path: Path) -> IO[bytes]:
    """The file of a journal, open for one process at a time. Raises UsageError."""
    try:
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600), "a+b")
    except OSError as error:
        raise UsageError(f"cannot write the journal {path}: {error.strerror}") from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise UsageError(
            f"another run writes the journal {path}", hint="Wait until it has ended, or name another --journal."
        ) from None
    return file


def _same(path: Path, head: dict[str, Any], about: dict[str, Any]) -> None:
    """Refuse a journal of another database. Raises UsageError."""
    for word in ("database", "oid", "system"):
        there, here = head.get(word), about.get(word)
        if there is not None and here is not None and there != here:
            where = "" if word == "database" else " on another server" if word == "system" else ", which had its name"
            raise UsageError(
                f"{path} is the journal of another database: {head.get('database')}{where}",
                hint="Name another --journal, or the --database-url that it was written for.",
            )


def _head(path: Path) -> dict[str, Any]:
    """The first line of a journal. Raises UsageError where the file is none."""
    try:
        with path.open("rb") as file:
            found: Any = json.loads(file.readline())
    except OSError as error:
        raise UsageError(f"cannot read the journal {path}: {error.strerror}") from None
    except ValueError:
        found = None
    head = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    if head.get("event") != "start" or head.get("version") != VERSION:
        raise UsageError(f"{path} is no journal of a backfill", hint="Name the file that `backfill --all` wrote.")
    return head


def about(path: Path) -> dict[str, Any]:
    """What a journal says of its run. Raises UsageError."""
    return _head(path)


class Marks(NamedTuple):
    """What became of batches, by number: closed, never committed, and the transactions that took some back.

    `retired` are those for which superseded rows were retired. By invariant: since which transaction it
    has not been looked what others wrote, and up to which batch it has.
    """

    closed: frozenset[int]
    lost: frozenset[int]
    undone: dict[int, int]
    retired: frozenset[int]
    began: dict[str, int]
    looked: dict[str, int]


def marks(path: Path) -> Marks:
    """What became of the batches of a journal. Raises UsageError."""
    closed: set[int] = set()
    lost: set[int] = set()
    undone: dict[int, int] = {}
    retired: set[int] = set()
    began: dict[str, int] = {}
    looked: dict[str, int] = {}
    with path.open("rb") as file:
        for line in file:
            if line.startswith(_BATCH) or not line.endswith(b"\n"):
                continue
            record = json.loads(line)
            match record["event"]:
                case "done":
                    closed.add(record["number"])
                case "lost":
                    lost.add(record["number"])
                case "undone":
                    undone[record["number"]] = record["transaction"]
                case "retired":
                    retired.update(record["numbers"])
                case "began":
                    began.setdefault(record["invariant"], record["transaction"])
                case "looked":
                    looked[record["invariant"]] = record["number"]
                    began.pop(record["invariant"], None)
                case _:
                    pass
    return Marks(frozenset(closed), frozenset(lost), undone, frozenset(retired), began, looked)


def batches(path: Path, *, last_first: bool = False) -> Iterator[Entry]:
    """The batches of a journal, one at a time, in their order or from the last to the first."""
    offsets: list[int] = []
    with path.open("rb") as file:
        at = 0
        for line in file:
            if line.startswith(_BATCH) and line.endswith(b"\n"):
                offsets.append(at)
            at += len(line)
    for offset in reversed(offsets) if last_first else offsets:
        with path.open("rb") as file:
            file.seek(offset)
            yield _entry(json.loads(file.readline()))


def _entry(record: dict[str, Any]) -> Entry:
    made = tuple(
        Made(tuple(group["table"]), Did(group["did"]), row[0], row[1], row[2] if len(row) > 2 else {})
        for group in record["made"]
        for row in group["rows"]
    )
    return Entry(record["number"], record["transaction"], made, record["invariant"], record["retire"])
