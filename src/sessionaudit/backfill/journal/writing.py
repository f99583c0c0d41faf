"""Write the journal of a backfill: JSON lines with every change, written before it is committed.

A batch is written to disk before its commit, and closed after it. A batch that is not closed is in doubt: the server,
or the rows themselves, show whether its transaction was committed. The file contains values of rows, so only its owner
may read it.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import stat
import threading
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from sessionaudit.backfill.journal.reading import LONGEST, VERSION, batches, head, opened
from sessionaudit.errors import JournalError, UsageError
from sessionaudit.postgres.identity import difference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from sessionaudit.backfill.row_changes import Batch, Did, RowChange

_OPEN_TO_OTHERS = 0o077
_COPIED = 2**20


class Journal(Struct):
    """A journal open for writing; several threads may write to it.

    JournalError is raised if a record cannot be written, or if the file was deleted, replaced or truncated. Then the
    batch must not be committed.
    """

    path: Path
    run: str
    new: bool
    _file: int
    _size: int = 0
    _number: int = 0
    _batches: int = 0
    _rescue: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def open(cls, path: Path, *, run: str, about: dict[str, Any]) -> Journal:
        """Begin a journal, or resume one of the same database; `about` identifies the database.

        Raises UsageError if the file is not a journal, or is one of another database; JournalError if it cannot be
        written.
        """
        file = _locked(path)
        try:
            size = os.fstat(file).st_size
            found = head(path) if size else None
            same(path, found or {}, about)
            if os.fstat(file).st_mode & _OPEN_TO_OTHERS:
                with contextlib.suppress(OSError):
                    os.fchmod(file, 0o600)
            journal = cls(path, found["run"] if found else run, found is None, file, size)
            if found is None:
                journal._write({"event": "start", "version": VERSION, "run": run, **about})
            else:
                journal._end_torn_line()
                journal._number = max((entry.number for entry in batches(path)), default=0)
        except BaseException:
            os.close(file)
            raise
        return journal

    @property
    def number(self) -> int:
        """The number of the last batch."""
        return self._number

    def _end_torn_line(self) -> None:
        """End an incomplete last line, so that it does not damage the next one."""
        if os.pread(self._file, 1, self._size - 1) == b"\n":
            return
        number = offset = 0
        while block := os.pread(self._file, _COPIED, offset):
            number += block.count(b"\n")
            offset += len(block)
        self._append(b"\n", sync=False)
        self._write({"event": "cut", "line": number + 1})

    def begin(self, invariant: str, batch: Batch) -> Callable[[], None]:
        """Write a batch to disk, and return a function that closes it after its commit. Raises JournalError."""
        with self._lock:
            number = self._number + 1
            record = {
                "event": "batch",
                "number": number,
                "invariant": invariant,
                "transaction": batch.transaction,
                "retire": batch.retire,
                "made": list(_grouped((*batch.made, *batch.superseded))),
            }
            self._write(record)
            self._number = number
            self._batches += 1
        return lambda: self.close_batch(number)

    def close_batch(self, number: int) -> None:
        """Record that a batch was committed. This need not reach the disk: the server and the rows show it too."""
        self._note({"event": "done", "number": number})

    def lost(self, number: int) -> None:
        """Record that a batch was never committed."""
        with self._lock:
            self._write({"event": "lost", "number": number})

    def undone(
        self,
        number: int,
        transaction: int,
        refused: Iterable[int] = (),
        *,
        tried: Iterable[int] | None = None,
        versions: Iterable[int] = (),
    ) -> None:
        """Record that a transaction undoes a batch, except the `refused` rows (their positions in the batch).

        `tried` are the positions that it was to undo, None for all; `versions` are other row versions that it wrote.
        """
        record = {
            "event": "undone",
            "number": number,
            "transaction": transaction,
            "refused": sorted(refused),
            "tried": None if tried is None else sorted(tried),
            "versions": sorted(versions),
        }
        with self._lock:
            self._write(record)

    def taken(self, number: int, transaction: int) -> None:
        """Record that the transaction that undoes a batch was committed. This need not reach the disk."""
        self._note({"event": "taken", "number": number, "transaction": transaction})

    def began(self, invariant: str, transaction: int) -> None:
        """Record that a run over all rows begins: what others write since this transaction must be checked."""
        with self._lock:
            self._write({"event": "began", "invariant": invariant, "transaction": transaction})

    def looked(self, invariant: str) -> None:
        """Record that the concurrent writes of others were checked for all batches so far."""
        with self._lock:
            self._write({"event": "looked", "invariant": invariant, "number": self._number})

    def retired(self, numbers: Iterable[int], transaction: int | None = None) -> None:
        """Record that the rows replaced by these batches were retired, or are in the open transaction."""
        by = {} if transaction is None else {"transaction": transaction}
        with self._lock:
            self._write({"event": "retired", "numbers": list(numbers), **by})

    def ended(self) -> None:
        """Record that the run was completed."""
        with self._lock:
            self._write({"event": "ended"})

    @property
    def made(self) -> bool:
        """Whether this run recorded any batch."""
        return self._batches > 0

    @property
    def tells(self) -> bool:
        """Whether the journal holds anything to undo or to resume."""
        return not self.new or self.made

    def _note(self, record: dict[str, Any]) -> None:
        """Write a record that can be found out otherwise too; a failure is reported by the next write."""
        with self._lock, contextlib.suppress(JournalError):
            self._write(record, sync=False)

    def _write(self, record: dict[str, Any], *, sync: bool = True) -> None:
        line = (json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n").encode(errors="surrogatepass")
        if len(line) > LONGEST:
            raise JournalError(
                f"a batch is too large for the journal {self.path}: its rows take {len(line) >> 20} MiB",
                hint="Its rows hold large values: make batches smaller with a shorter --target.",
            )
        self._append(line, sync=sync)

    def _append(self, line: bytes, *, sync: bool) -> None:
        self._verify()
        try:
            left = memoryview(line)
            while left:
                left = left[os.write(self._file, left) :]
            if sync:
                os.fsync(self._file)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self._size)
            raise self._stopped(f"cannot be written: {error.strerror}", _hint(error)) from None
        self._size += len(line)
        if sync:
            self._verify()

    def _verify(self) -> None:
        """Check that the file exists, and is the one that was written. Raises JournalError."""
        ours = os.fstat(self._file)
        try:
            there = self.path.lstat()
        except OSError as error:
            reason = "is gone" if error.errno == errno.ENOENT else f"cannot be reached: {error.strerror}"
            raise self._stopped(reason, self._rescued(ours)) from None
        if (there.st_dev, there.st_ino) != (ours.st_dev, ours.st_ino):
            raise self._stopped("was replaced by another file", self._rescued(ours))
        if ours.st_size != self._size:
            reason = "was truncated" if ours.st_size < self._size else "was written to by another program"
            raise self._stopped(reason, "Keep other programs from writing to it, and check what it still holds.")

    def _stopped(self, reason: str, hint: str) -> JournalError:
        return JournalError(f"the journal {self.path} {reason}; the current batch was not committed", hint=hint)

    def _rescued(self, ours: os.stat_result) -> str:
        """Save the content of a journal that was deleted; the open file still has it. Return what to say about it."""
        if self._rescue or ours.st_size != self._size:
            return self._rescue
        copy = self.path.with_name(f"{self.path.name}.rescued")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            with os.fdopen(os.open(copy, flags, 0o600), "wb") as file:
                offset = 0
                while block := os.pread(self._file, _COPIED, offset):
                    offset += file.write(block)
        except OSError:
            return ""
        self._rescue = f"Its content was saved as {copy}."
        return self._rescue

    def close(self) -> None:
        """Close the file; delete it if it is new and records nothing."""
        try:
            if not self.tells:
                with contextlib.suppress(OSError, JournalError):
                    self._verify()
                    self.path.unlink()
        finally:
            os.close(self._file)


def _hint(error: OSError) -> str:
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return "Free disk space, or name a --journal on another disk."
    return "Name a --journal on another disk."


def _grouped(made: Iterable[RowChange]) -> Iterator[dict[str, Any]]:
    groups: dict[tuple[tuple[str, ...], Did], list[list[Any]]] = {}
    last, rows = None, list[list[Any]]()
    for table, did, row, key, was in made:
        if (table, did) != last:
            last = (table, did)
            rows = groups.setdefault(last, [])
        rows.append([row, key, dict(was)] if was else [row, key])
    for (table, did), rows in groups.items():
        yield {"table": list(table), "did": did, "rows": rows}


def _locked(path: Path) -> int:
    """Open a journal's file for one process at a time. Raises UsageError, or JournalError."""
    while True:
        file = opened(path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            there = path.lstat()
        except BlockingIOError:
            os.close(file)
            raise UsageError(
                f"another run is writing the journal {path}", hint="Wait until it has ended, or name another --journal."
            ) from None
        except FileNotFoundError:
            os.close(file)
            continue  # the process that had it found nothing to do, and deleted it
        ours = os.fstat(file)
        if (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino) and stat.S_ISREG(there.st_mode):
            return file
        os.close(file)


def same(path: Path, there: dict[str, Any], here: dict[str, Any]) -> None:
    """Check that a journal belongs to this database. Raises UsageError if it does not."""
    word = difference(there, here)
    if word:
        where = "" if word == "database" else " on another server" if word == "system" else ", or one of its name"
        raise UsageError(
            f"{path} is the journal of another database: {there.get('database')}{where}",
            hint="Name another journal, or the --database-url that it was written for.",
        )
