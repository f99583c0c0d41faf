"""The folders of temporary servers, and whether their owners are alive.

A folder is made in the system's temporary folder, under a name that nobody can foresee and so prepare for us. The
process that made it holds a lock on its file `owner` for as long as it lives: whoever can take that lock knows that the
owner is dead. A process id alone would not tell, because the system gives it to another process sooner or later.
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
    """Make a folder that the account may enter, and yield it; hold its lock until the block ends.

    Only its owner can list it. Removing it is up to the caller.
    Raises DatabaseError when no temporary folder is fit: writable, open to the account, its path plain and short enough
    for a unix socket below it.
    """
    folder, lock = _claim(account)
    try:
        os.write(lock, f"{os.getpid()}\n".encode())
        yield folder
    finally:
        os.close(lock)


@contextmanager
def abandoned_folders() -> Generator[list[Path]]:
    """Yield the folders of this user whose owners are dead, locked against others who clear up."""
    folders = [folder for root in _roots() for folder in root.glob(f"{_prefix()}*")]
    found = {folder: lock for folder in folders if (lock := _lock(folder)) is not None}
    try:
        yield list(found)
    finally:
        for lock in found.values():
            os.close(lock)


def is_own_folder(folder: Path) -> bool:
    """Tell whether the path is such a folder, made by this user, and no link to one."""
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
            if lock is None:  # someone took it for abandoned in the very moment between making and locking it
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
    """Return the open and locked `owner` file, or None when its owner lives, or the folder is gone or not ours."""
    if not is_own_folder(folder):
        return None
    path = folder / "owner"
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(lock), path.lstat()):  # else it was removed before we had the lock
            return lock
    except OSError:
        pass
    os.close(lock)
    return None
