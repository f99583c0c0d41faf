"""Read a journal, including one with damaged lines.

The file's content is not trusted. A line that is not a valid record is damaged; only what that line records is lost.
"""

from __future__ import annotations

import json
import os
import re
import stat
from typing import IO, TYPE_CHECKING, Any, NamedTuple, TypeGuard, cast

from msgspec import Struct, field

from sessionaudit.backfill.row_changes import Did, RowChange
from sessionaudit.errors import JournalError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

VERSION = 2
LONGEST = 2**28  # bytes of a line
_BATCH = b'{"event":"batch"'
_DELETED = b'"did":"deleted"'
_MOST = 2**63
_OTHERS = (
    "Name the file that backfill printed. A repair is undone by the command that it printed, which is also in the "
    "first lines of its .before.yaml."
)
_ESCAPE = b"\\u"
_HEAD = re.compile(
    rb'{"event":"batch","number":([0-9]{1,19}),"invariant":("(?:[^"\\]|\\.)*"),'
    rb'"transaction":([0-9]{1,19}),"retire":(true|false),"made":'
)
_NUMBER = re.compile(rb'{"event":"batch","number":([0-9]{1,19}),')
_TRANSACTION = re.compile(rb'"transaction":([0-9]{1,19}),')


class Damage(NamedTuple):
    """A damaged line: its number, and its transaction if that can be read.

    `cut` means that the line was not written completely. A batch is completely on disk before it is committed.
    """

    line: int
    transaction: int | None
    cut: bool

    def __str__(self) -> str:
        if self.cut:
            return f"line {self.line} is incomplete: its batch had not been committed when it was written"
        return f"line {self.line} is not a record of a journal: if it was a batch, it is not undone"


class JournalBatch(NamedTuple):
    """A batch as recorded: its number, its transaction, its rows, and whether rows are still to be retired."""

    number: int
    transaction: int
    made: tuple[RowChange, ...]
    invariant: str
    retire: bool


class BatchHead(NamedTuple):
    """The beginning of a batch's line."""

    number: int
    transaction: int
    invariant: str
    retire: bool


class Taking(NamedTuple):
    """One undo of a batch: its transaction, and the positions in `made` of the rows that it left.

    `known` says that the transaction was committed. `tried` are the positions of the rows that it was to undo, None for
    all; `versions` are other row versions that it wrote, or found to be right.
    """

    transaction: int
    refused: frozenset[int]
    known: bool
    tried: frozenset[int] | None = None
    versions: tuple[int, ...] = ()


class Marks(Struct):
    """The state of batches, by number: closed, never committed, and undone (in the order of the undos).

    `retired` are the batches whose superseded rows were retired; `retiring` holds, by the number of a transaction,
    those whose rows were retired if it was committed. For each invariant, the marks say since which transaction the
    writes of others have not been checked, and up to which batch they have. `ended` says that the run was completed.
    """

    closed: set[int] = field(default_factory=set[int])
    lost: set[int] = field(default_factory=set[int])
    undone: dict[int, list[Taking]] = field(default_factory=dict[int, list[Taking]])
    retired: set[int] = field(default_factory=set[int])
    retiring: dict[int, set[int]] = field(default_factory=dict[int, set[int]])
    began: dict[str, int] = field(default_factory=dict[str, int])
    looked: dict[str, int] = field(default_factory=dict[str, int])
    cut: set[int] = field(default_factory=set[int])
    damaged: list[Damage] = field(default_factory=list[Damage])
    ended: bool = False


def opened(path: Path, flags: int = os.O_RDONLY) -> int:
    """Open a journal; it must be a regular file, not a link. Raises UsageError, or JournalError for writing."""
    try:
        file = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    except OSError as error:
        reason = "it is a symbolic link" if path.is_symlink() else error.strerror
        verb = "read" if flags == os.O_RDONLY else "write"
        if flags == os.O_RDONLY or path.is_symlink() or path.is_dir():
            raise UsageError(f"cannot {verb} the journal {path}: {reason}") from None
        raise JournalError(f"cannot write the journal {path}: {reason}", hint="Name another file.") from None
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise UsageError(f"{path} is not a journal: it is not a regular file")
    return file


def head(path: Path) -> dict[str, Any]:
    """Read the first line of a journal, which describes its run. Raises UsageError if the file is not a journal."""
    with _file(path) as file:
        line = file.readline(LONGEST)
    found = _record(line)
    if found is None or found.get("event") != "start" or found.get("version") != VERSION:
        raise UsageError(f"{path} is not a journal of a backfill", hint=_OTHERS)
    texts = ("run", "database", "schema", "system", "at", "contract")
    if not isinstance(found.get("run"), str) or any(not isinstance(found.get(word, ""), str | None) for word in texts):
        raise UsageError(f"{path} is not a journal of a backfill: its first line is damaged")
    return found


def marks(path: Path) -> Marks:
    """Read the state of a journal's batches. `batches` reports damaged lines of batches. Raises UsageError."""
    told = Marks()
    with _file(path) as file:
        for number, _, line in _lines(file):
            if line.startswith(_BATCH) and line.endswith(b"\n"):
                told.ended = False
                continue
            record = _record(line) if line.endswith(b"\n") else None
            if record is None or not _noted(told, record):
                told.damaged.append(_damage(number, line))
    return told


def batches(path: Path, *, last_first: bool = False, damaged: list[Damage] | None = None) -> Iterator[JournalBatch]:
    """Read the batches of a journal, one at a time, in their order or from the last to the first.

    Damaged lines of batches are skipped, and added to `damaged`. Raises UsageError.
    """
    with _file(path) as file:
        places = [
            (number, offset)
            for number, offset, line in _lines(file)
            if line.startswith(_BATCH) and line.endswith(b"\n")
        ]
        known: set[int] = set()
        for number, offset in reversed(places) if last_first else places:
            file.seek(offset)
            line = file.readline(LONGEST)
            entry = _entry(_record(line))
            if entry is not None and entry.number not in known:
                known.add(entry.number)
                yield entry
            elif damaged is not None:
                damaged.append(_damage(number, line))


def heads(path: Path) -> Iterator[BatchHead]:
    """Read the beginnings of the batches, without their rows, which are most of a journal. Raises UsageError.

    The rest of such a batch's line may be damaged.
    """
    with _file(path) as file:
        for _, _, line in _lines(file):
            found = _HEAD.match(line)
            invariant = _record(b'{"":%s}' % found[2]) if found else None
            if found and invariant:
                yield BatchHead(int(found[1]), int(found[3]), invariant[""], found[4] == b"true")
            elif line.startswith(_BATCH) and (entry := _entry(_record(line))):
                yield BatchHead(entry.number, entry.transaction, entry.invariant, entry.retire)


def offsets(path: Path) -> dict[int, int]:
    """Return the offset of each batch in the file, by its number. Raises UsageError."""
    with _file(path) as file:
        found: dict[int, int] = {}
        for _, offset, line in _lines(file):
            if number := _NUMBER.match(line):
                found.setdefault(int(number[1]), offset)
        return found


def entry_at(path: Path, offset: int) -> JournalBatch | None:
    """Read the batch at an offset of the file; None if there is none. Raises UsageError."""
    with _file(path) as file:
        file.seek(offset)
        return _entry(_record(file.readline(LONGEST)))


def deletes(path: Path) -> bool:
    """Whether a journal may record deleted rows. Raises UsageError."""
    with _file(path) as file:
        return any(_DELETED in line for _, _, line in _lines(file))


def ended(path: Path) -> bool:
    """Whether the last line of a journal says that its run was completed. Raises UsageError."""
    with _file(path) as file:
        file.seek(max(file.seek(0, os.SEEK_END) - 100, 0))
        return file.read().endswith(b'{"event":"ended"}\n')


def _file(path: Path) -> IO[bytes]:
    return os.fdopen(opened(path), "rb")


def _lines(file: IO[bytes]) -> Iterator[tuple[int, int, bytes]]:
    """Read the lines with their numbers and offsets; only the beginning of a line that is too long."""
    number = offset = 0
    while line := file.readline(LONGEST):
        number += 1
        start, whole = offset, line
        offset += len(line)
        while not whole.endswith(b"\n") and (whole := file.readline(LONGEST)):
            offset += len(whole)
        yield number, start, line


def _damage(number: int, line: bytes) -> Damage:
    found = _TRANSACTION.search(line[:1000])
    return Damage(number, int(found[1]) if found else None, not line.endswith(b"\n") and len(line) < LONGEST)


def _record(line: bytes) -> dict[str, Any] | None:
    """Parse a line; None if it is damaged."""
    try:
        found: Any = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or (_ESCAPE in line and not _is_text(found)):
        return None
    return cast("dict[str, Any]", found)


def _is_text(value: Any) -> bool:
    """Whether PostgreSQL could have returned all strings: without NUL, and without half of a surrogate pair."""
    todo: list[Any] = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, dict):
            todo += [*cast("dict[str, Any]", one).keys(), *cast("dict[str, Any]", one).values()]
        elif isinstance(one, list):
            todo += one
        elif isinstance(one, str) and ("\0" in one or any("\ud800" <= letter <= "\udfff" for letter in one)):
            return False
    return True


def _noted(told: Marks, record: dict[str, Any]) -> bool:
    """Note what a record says; return whether it is valid. Records of later versions are ignored."""
    number, transaction, invariant = (record.get(word) for word in ("number", "transaction", "invariant"))
    match record.get("event"):
        case "done" if _is_number(number):
            told.closed.add(number)
        case "lost" if _is_number(number):
            told.lost.add(number)
        case "undone" if _is_number(number) and _is_number(transaction) and _are_numbers(record.get("refused", [])):
            refused: list[int] = record.get("refused", [])
            before = told.undone.get(number)
            # An earlier version of the program did not record what a second undo tried.
            tried: list[int] | None = record.get("tried", [] if before else None)
            versions: list[int] = record.get("versions", [])
            if not (tried is None or _are_numbers(tried)) or not _are_numbers(versions):
                return False
            told.undone.setdefault(number, []).append(
                Taking(
                    transaction,
                    frozenset(refused),
                    known=False,
                    tried=None if tried is None else frozenset(tried),
                    versions=tuple(versions),
                )
            )
        case "taken" if _is_number(number) and _is_number(transaction):
            told.undone[number] = [
                one._replace(known=True) if one.transaction == transaction else one
                for one in told.undone.get(number, [])
            ]
        case "retired" if _are_numbers(record.get("numbers")) and transaction is None:
            told.retired.update(record["numbers"])
        case "retired" if _are_numbers(record.get("numbers")) and _is_number(transaction):
            told.retiring.setdefault(transaction, set()).update(record["numbers"])
        case "began" if isinstance(invariant, str) and _is_number(transaction):
            told.began.setdefault(invariant, transaction)
            told.ended = False
        case "looked" if isinstance(invariant, str) and _is_number(number):
            told.looked[invariant] = number
            told.began.pop(invariant, None)
        case "cut" if _is_number(record.get("line")):
            told.cut.add(record["line"])
        case "ended":
            told.ended = True
        case "batch" | "done" | "lost" | "undone" | "taken" | "retired" | "began" | "looked" | "cut":
            return False
        case event:
            return isinstance(event, str)
    return True


def _is_number(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST


def _are_numbers(value: Any) -> TypeGuard[list[int]]:
    return isinstance(value, list) and all(map(_is_number, cast("Iterable[Any]", value)))


def _entry(record: dict[str, Any] | None) -> JournalBatch | None:
    """Parse a batch; None if it is not valid."""
    if record is None or not _is_number(record.get("number")) or not _is_number(record.get("transaction")):
        return None
    invariant, retire = record.get("invariant"), record.get("retire")
    if not isinstance(invariant, str) or not isinstance(retire, bool):
        return None
    try:
        made = tuple(_made(group["table"], group["did"], row) for group in record["made"] for row in group["rows"])
    except (KeyError, TypeError, ValueError, IndexError):
        return None
    return JournalBatch(record["number"], record["transaction"], made, invariant, retire)


def _made(table: Any, did: Any, row: Any) -> RowChange:
    """Parse a row. Raises ValueError, TypeError or KeyError if it is not valid."""
    schema, name = table
    place, key, *more = row
    was: dict[str, str | None] = more[0] if more else {}
    texts = [schema, name, place, key, *was.keys(), *(value for value in was.values() if value is not None)]
    if len(more) > 1 or not all(type(one) is str for one in texts):
        raise ValueError
    return RowChange((schema, name), Did(did), place, key, was)
