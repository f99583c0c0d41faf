"""Tell from journals which of our runs, or of their undos, wrote a version of a row."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct, field

from sessionaudit.audits.data.transaction import XIDS
from sessionaudit.backfill.journal import state_directory
from sessionaudit.backfill.journal.commits import deletions
from sessionaudit.backfill.journal.reading import entry_at, head, heads, marks, offsets, opened
from sessionaudit.backfill.journal.writing import same
from sessionaudit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sessionaudit.backfill.journal.reading import Marks
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.postgres.connection import Connection

_DIGITS = 20
_BEGINNING = b'{"event":"start"'


class Rewriting(NamedTuple):
    """An undo of a batch: where the batch is, and the positions of the rows that it tried and that it refused.

    `tried` is None if it tried all of them.
    """

    path: Path
    offset: int
    tried: frozenset[int] | None
    refused: frozenset[int]

    def before(self, table: ObjectPath, row: str) -> int | None:
        """Return the version of a row that the batch found, if this undo restored that version's values.

        None if it did not, or if the journal does not record the version. The undo may have written a row that it
        refused: by a trigger of another row.
        """
        place, version = _found(self.path, self.offset).get((table, row), (0, None))
        return None if place in self.refused or (self.tried is not None and place not in self.tried) else version


def rewritings(path: Path, told: Marks) -> dict[int, list[Rewriting]]:
    """Return the undos that a journal records, by the row versions that they wrote or found. Raises UsageError.

    Several have a version in common where an undo found rows right that another had written.
    """
    places = offsets(path) if told.undone else {}
    found: dict[int, list[Rewriting]] = {}
    for number, takings in told.undone.items():
        for taking in takings if number in places else ():
            undo = Rewriting(path, places[number], taking.tried, taking.refused)
            for version in {taking.transaction % XIDS, *taking.versions}:
                found.setdefault(version, []).append(undo)
    return found


class OtherJournals(Struct):
    """The journals of other runs over the database that `about` identifies: those that are `named`, those in the
    directory of the journal `path`, and those in the user's state directory. They are read when they are needed first.
    """

    path: Path
    about: Mapping[str, Any]
    named: Sequence[Path] = ()
    _undos: dict[int, list[Rewriting]] | None = None
    _runs: dict[int, Path] = field(default_factory=dict[int, "Path"])
    _last: dict[Path, int] = field(default_factory=dict["Path", int])  # transaction of a run
    _deletions: dict[tuple[ObjectPath, str], tuple[Path, int]] | None = None

    def undos(self, version: int) -> Sequence[Rewriting]:
        """Return the undos that wrote a row version, or found it right. Raises UsageError."""
        return self._read().get(version, ())

    def run(self, version: int) -> Path | None:
        """Return the journal of the run that wrote a row version; None if it is unknown. Raises UsageError."""
        self._read()
        return self._runs.get(version)

    def last_first(self, paths: Iterable[Path]) -> list[Path]:
        """Sort journals by their last batches, in the order in which they are to be undone. Raises UsageError."""
        self._read()
        return sorted(paths, key=lambda path: self._last.get(path, 0), reverse=True)

    def deletion(self, connection: Connection, table: ObjectPath, row: str) -> tuple[Path, int] | None:
        """Return the journal of a run that deleted a row, and the version that it deleted; None if none is known.

        Raises UsageError, and DatabaseError if the server fails.
        """
        if self._deletions is None:
            self._deletions = {}
            for path in self._paths():
                for one in deletions(connection, path):
                    self._deletions[one.table, one.row] = path, _version(one.was) or 0
        return self._deletions.get((table, row))

    def require_named(self) -> None:
        """Raise UsageError if a named file is not the journal of another run over this database."""
        for path in self.named:
            same(path, head(path), dict(self.about))
            if _identity(path) == _identity(self.path):
                raise UsageError(f"{path} is the journal to undo", hint="Name the journal of a later run.")

    def _read(self) -> dict[int, list[Rewriting]]:
        if self._undos is None:
            self._undos = {}
            for path in self._paths():
                for version, undos in rewritings(path, marks(path)).items():
                    self._undos.setdefault(version, []).extend(undos)
                for one in heads(path):
                    self._runs.setdefault(one.transaction % XIDS, path)
                    self._last[path] = max(self._last.get(path, 0), one.transaction)
            for one in heads(self.path):  # of which there may be a copy
                self._runs.pop(one.transaction % XIDS, None)
        return self._undos

    def _paths(self) -> Iterator[Path]:
        yield from self.named
        seen = {_identity(path) for path in (self.path, *self.named)}
        trusted = {os.geteuid(), self.path.stat().st_uid}
        for path in (*_beside(self.path), *state_directory.journals()):
            try:
                here = path.lstat()
                if (here.st_dev, here.st_ino) in seen or here.st_uid not in trusted or not _begins(path):
                    continue
                seen.add((here.st_dev, here.st_ino))
                same(path, head(path), dict(self.about))
            except (UsageError, OSError):
                continue
            yield path


def _identity(path: Path) -> tuple[int, int]:
    there = path.stat()
    return there.st_dev, there.st_ino


def _beside(path: Path) -> Iterable[Path]:
    try:
        return sorted(path.parent.iterdir())
    except OSError:
        return ()


def _begins(path: Path) -> bool:
    """Whether a file begins as a journal does; other files may be large. Raises UsageError, or OSError."""
    with os.fdopen(opened(path), "rb") as file:
        return file.read(len(_BEGINNING)) == _BEGINNING


@lru_cache(maxsize=8)
def _found(path: Path, offset: int) -> dict[tuple[ObjectPath, str], tuple[int, int]]:
    """Return the row versions that a batch found, with the positions of the rows, where the journal records them."""
    entry = entry_at(path, offset)
    found: dict[tuple[ObjectPath, str], tuple[int, int]] = {}
    for place, one in enumerate(entry.made if entry is not None else ()):
        version = _version(one.was)
        if version is not None:
            found.setdefault((one.table, one.row), (place, version))
    return found


def _version(was: Mapping[str, str | None]) -> int | None:
    """Return the row version that a change found; None if the journal does not record it, or is damaged."""
    version = was.get("xmin")
    return int(version) % XIDS if version is not None and version.isdecimal() and len(version) < _DIGITS else None
