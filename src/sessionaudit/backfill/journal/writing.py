"""The journal of a backfill: JSON lines with every change, written before it is committed.

A batch is written, and on the disk, before its commit, and closed after it. A batch that is not closed
is in doubt: its transaction came about or it did not, which the server or the rows themselves tell. The file holds
the values of rows, so that only its owner may read it.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import stat
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sessionaudit.backfill.journal.reading import LONGEST, VERSION, batches, head, opened
from sessionaudit.errors import JournalError, UsageError
from sessionaudit.postgres.identity import difference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from sessionaudit.backfill.row_changes import Batch, Did, RowChange

_OPEN_TO_OTHERS = 0o077
_COPIED = 2**20


@dataclass(slots=True)
class Journal:
    """A journal that is written; several threads may write to it.

    What cannot be written raises JournalError, and so does a file that is not any more what was written: gone,
    replaced or cut. Whoever wrote a batch must not commit it then.
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
        """Begin a journal, or go on with one of the same database; `about` has its identity.

        Raises UsageError where it is none or another's, JournalError where it cannot be written.
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
                journal._mend_end()
                journal._number = max((entry.number for entry in batches(path)), default=0)
        except BaseException:
            os.close(file)
            raise
        return journal

    @property
    def number(self) -> int:
        """The number of the last batch."""
        return self._number

    def _mend_end(self) -> None:
        """End a line that was not written whole, so that it does not spoil the next one."""
        if os.pread(self._file, 1, self._size - 1) == b"\n":
            return
        number = offset = 0
        while block := os.pread(self._file, _COPIED, offset):
            number += block.count(b"\n")
            offset += len(block)
        self._append(b"\n", sync=False)
        self._write({"event": "cut", "line": number + 1})

    def begin(self, invariant: str, batch: Batch) -> Callable[[], None]:
        """Put a batch on the disk, and return what closes it after its commit. Raises JournalError."""
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
        """Say that a batch was committed; it need not be on the disk, for the server and the rows tell it too."""
        self._note({"event": "done", "number": number})

    def lost(self, number: int) -> None:
        """Say that a batch never was committed."""
        with self._lock:
            self._write({"event": "lost", "number": number})

    def undone(self, number: int, transaction: int, refused: Iterable[int] = ()) -> None:
        """Say that a batch is being taken back, but for the rows at some places of it, in a transaction of its own."""
        with self._lock:
            refused = sorted(refused)
            self._write({"event": "undone", "number": number, "transaction": transaction, "refused": refused})

    def taken(self, number: int, transaction: int) -> None:
        """Say that the transaction was committed in which a batch was taken back; it need not be on the disk."""
        self._note({"event": "taken", "number": number, "transaction": transaction})

    def began(self, invariant: str, transaction: int) -> None:
        """Say that a run over all rows begins: what others write since this transaction is to be looked at."""
        with self._lock:
            self._write({"event": "began", "invariant": invariant, "transaction": transaction})

    def looked(self, invariant: str) -> None:
        """Say that for all batches so far it was looked what others wrote at the same time."""
        with self._lock:
            self._write({"event": "looked", "invariant": invariant, "number": self._number})

    def retired(self, numbers: Iterable[int], transaction: int | None = None) -> None:
        """Say that what the rows of these batches take the place of was retired; or is, in a transaction still open."""
        by = {} if transaction is None else {"transaction": transaction}
        with self._lock:
            self._write({"event": "retired", "numbers": list(numbers), **by})

    def ended(self) -> None:
        """Say that the run came to its end: nothing of it is still to be done."""
        with self._lock:
            self._write({"event": "ended"})

    @property
    def made(self) -> bool:
        """Whether this run wrote of any batch."""
        return self._batches > 0

    @property
    def tells(self) -> bool:
        """Whether there is anything in it to take back, or to go on with."""
        return not self.new or self.made

    def _note(self, record: dict[str, Any]) -> None:
        """Write what is known otherwise too; what stands in the way is told by whoever writes next."""
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
        """See that the file is there, and is what was written. Raises JournalError."""
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
        """Save what a journal held whose name is gone: the open file still has it. What to say of it."""
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
        """Close the file; take it away if it tells nothing, and was begun for nothing."""
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
    """The file of a journal, open for one process at a time. Raises UsageError, or JournalError."""
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
            continue  # whoever had it found nothing to do, and took it away
        ours = os.fstat(file)
        if (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino) and stat.S_ISREG(there.st_mode):
            return file
        os.close(file)


def same(path: Path, there: dict[str, Any], here: dict[str, Any]) -> None:
    """Refuse a journal of another database. Raises UsageError."""
    word = difference(there, here)
    if word:
        where = "" if word == "database" else " on another server" if word == "system" else ", or one of its name"
        raise UsageError(
            f"{path} is the journal of another database: {there.get('database')}{where}",
            hint="Name another journal, or the --database-url that it was written for.",
        )
