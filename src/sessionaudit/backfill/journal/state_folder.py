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
    """The folder of this user's state. Raises JournalError where there is none."""
    base = Path(os.environ.get("XDG_STATE_HOME", ""))
    if base.is_absolute():  # anything else is to be ignored, as the specification says
        return base / "sessionaudit"
    try:
        return Path.home() / ".local" / "state" / "sessionaudit"
    except RuntimeError:
        raise JournalError("there is no home directory for a journal") from None


def fresh(run: str) -> Path:
    """The file for the journal of a new run; its folder is made. Raises JournalError where that cannot be."""
    return ready("a journal", "--journal") / f"{run}.jsonl"


def ready(what: str, option: str) -> Path:
    """The folder, made; `what` is to be kept in it, or in the file that `option` names. Raises JournalError."""
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
    """Journals of runs over this database that were cut short and that nobody writes now, the oldest first.

    The first are those that a run over these invariants of the same contract, which `about` names, can go on with; the
    second ask for others.
    """
    ours: list[Path] = []
    others: list[Path] = []
    for path in _journals():
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


def _journals() -> Iterator[Path]:
    try:
        yield from sorted(folder().glob("*.jsonl"))
    except (JournalError, OSError):
        return


def _has_more(path: Path) -> bool:
    """Whether a journal tells of anything; one that does not may be in the making."""
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
