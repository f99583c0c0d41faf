"""Manage the directories of temporary servers, and find out whether their owners are alive.

A directory is created in the system's temporary directory, with an unpredictable name, so that no other user can create
it first. The process that created it holds a lock on its file `owner` as long as it lives: if another process can take
that lock, the owner is dead. A process id is not enough, because the system reuses it sooner or later.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sessionaudit.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Generator

    from sessionaudit.embedded.account import Account

# The shortest limit of the supported systems (macOS), less the terminating zero; Linux allows 107.
_SOCKET_PATH_BYTES = 103
# pg_ctl puts paths between double quotes into a shell command; libpq takes a comma in its host for a list.
_UNFIT_CHARACTERS = frozenset('"$`\\\n,')
_ATTEMPTS = 10


@contextmanager
def claimed_folder(account: Account) -> Generator[Path]:
    """Create a directory that the account may enter, and yield it; hold its lock until the block ends.

    Only its owner can list it. The caller must remove it. Raises DatabaseError if no temporary directory is suitable:
    it must be writable and open to the account, and its path must be plain, and short enough for a Unix socket below
    it.
    """
    folder, lock = _claim(account)
    try:
        os.write(lock, f"{os.getpid()}\n".encode())
        yield folder
    finally:
        os.close(lock)


@contextmanager
def abandoned_folders() -> Generator[list[Path]]:
    """Yield the directories of this user whose owners are dead, locked against other processes that clean up."""
    folders = [folder for root in _roots() for folder in root.glob(f"{_prefix()}*")]
    found = {folder: lock for folder in folders if (lock := _lock(folder)) is not None}
    try:
        yield list(found)
    finally:
        for lock in found.values():
            os.close(lock)


def is_own_folder(folder: Path) -> bool:
    """Whether the path is such a directory, created by this user, and not a link to one."""
    try:
        owner = folder.lstat().st_uid
    except OSError:
        return False
    plain = folder.is_dir() and not folder.is_symlink()
    return plain and owner == os.geteuid() and folder.name.startswith(_prefix())


def _claim(account: Account) -> tuple[Path, int]:
    for root in filter(_fits, _roots()):
        for _ in range(_ATTEMPTS):
            folder = Path(tempfile.mkdtemp(prefix=_prefix(), dir=root))
            lock = _lock(folder)
            if lock is None:  # another process considered it abandoned before it was locked
                continue
            if account.name is None:
                return folder, lock
            folder.chmod(0o711)
            if account.succeeds(["sh", "-c", 'cd "$0"', str(folder)]):
                return folder, lock
            shutil.rmtree(folder)
            os.close(lock)
            break
    raise DatabaseError(
        f"None of {', '.join(map(str, _roots()))} can hold a temporary server.",
        hint="Set TMPDIR to a writable directory with a short path that every user may enter.",
    )


def _prefix() -> str:
    return f"sessionaudit-{os.geteuid()}-"


def _roots() -> list[Path]:
    fallbacks = ("/tmp", "/var/tmp")  # noqa: S108 - the names made in them are unpredictable
    return [Path(root) for root in dict.fromkeys((tempfile.gettempdir(), *fallbacks))]


def _fits(root: Path) -> bool:
    longest = root / f"{_prefix()}12345678" / "run" / ".s.PGSQL.65535"
    speakable = len(os.fsencode(longest)) <= _SOCKET_PATH_BYTES and _UNFIT_CHARACTERS.isdisjoint(str(root))
    return speakable and os.access(root, os.W_OK | os.X_OK)


def _lock(folder: Path) -> int | None:
    """Open and lock the file `owner`; None if the owner lives, or the directory is gone or not ours."""
    if not is_own_folder(folder):
        return None
    path = folder / "owner"
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(lock), path.lstat()):  # otherwise it was removed before we had the lock
            return lock
    except OSError:
        pass
    os.close(lock)
    return None
