"""The default directory of journals: the user's state directory, as defined by XDG."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from sessionaudit.backfill.journal.reading import ended, head, opened
from sessionaudit.backfill.journal.writing import same
from sessionaudit.errors import JournalError, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator


def folder() -> Path:
    """Return this user's state directory. Raises JournalError if there is none."""
    base = Path(os.environ.get("XDG_STATE_HOME", ""))
    if base.is_absolute():  # the specification says to ignore any other value
        return base / "sessionaudit"
    try:
        return Path.home() / ".local" / "state" / "sessionaudit"
    except RuntimeError:
        raise JournalError("there is no home directory for a journal") from None


def fresh(run: str) -> Path:
    """Return the file for a new run's journal, and create its directory. Raises JournalError if it cannot."""
    return ready("a journal", "--journal") / f"{run}.jsonl"


def ready(what: str, option: str) -> Path:
    """Create the directory and return it. `what` and `option` are for the error message. Raises JournalError."""
    hint = f"Name a file with {option} FILE."
    try:
        here = folder()
        here.parent.mkdir(parents=True, exist_ok=True)
        here.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise JournalError(f"cannot write {what} to {folder()}: {error.strerror}", hint=hint) from None
    except JournalError:
        raise JournalError(f"there is no home directory for {what}", hint=hint) from None
    if not os.access(here, os.W_OK | os.X_OK):
        raise JournalError(f"cannot write {what} to {here}: permission denied", hint=hint)
    return here


def unfinished(about: dict[str, Any], invariants: Collection[str]) -> tuple[list[Path], list[Path]]:
    """Return the journals of interrupted runs on this database that no process writes now, the oldest first.

    The first list holds those that a run over these invariants, with the contract that `about` names, can resume; the
    second holds those of other invariants or contracts.
    """
    ours: list[Path] = []
    others: list[Path] = []
    for path in journals():
        try:
            told = head(path)
            same(path, told, about)
            if path.stat().st_size < 2 or ended(path) or not _has_more(path) or _is_written(path):
                continue
        except (UsageError, OSError):
            continue
        wanted = told.get("invariants")
        names: Iterable[Any] = cast("Iterable[Any]", wanted) if isinstance(wanted, list) else (None,)
        fits = told.get("contract") == about.get("contract") and all(name in invariants for name in names)
        (ours if fits else others).append(path)
    return ours, others


def journals() -> Iterator[Path]:
    """Return the files in the state directory that have the names of journals, the oldest first."""
    try:
        yield from sorted(folder().glob("*.jsonl"))
    except (JournalError, OSError):
        return


def _has_more(path: Path) -> bool:
    """Whether a journal records anything; an empty one may just have been created."""
    with os.fdopen(opened(path), "rb") as file:
        file.readline()
        return bool(file.read(1))


def _is_written(path: Path) -> bool:
    with os.fdopen(opened(path), "rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
    return False
