"""Read files named by users: completely, up to a size limit, and without waiting for ever."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Do not wait for a writer of a pipe, and do not acquire a controlling terminal; Windows has neither flag.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_CLOEXEC", 0)


class NotAFileError(OSError):
    """The path is a directory, a device or a pipe; `strerror` says so."""


class TooLargeError(OSError):
    """The file exceeds the size limit; `strerror` says so."""


class SilentPipeError(OSError):
    """Nothing comes through a pipe; `strerror` says so."""


# The device and the number of each file that was read since the call began.
_READ = set[tuple[int, int]]()
PATIENCE = 30.0  # seconds without a byte, after which a pipe has no writer that is worth waiting for
_PIECE = 1024 * 1024


def forget() -> None:
    """Forget which files were read: another call begins."""
    _READ.clear()


def was_read(path: Path) -> bool:
    """Whether this call has read the file, perhaps by another name."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return False
    return (found.st_dev, found.st_ino) in _READ


def read_any(path: Path, most: int) -> tuple[bytes, bool]:
    """Read a file, or a pipe or device to its end; return at most `most + 1` bytes, and whether it can be read again.

    Raises SilentPipeError if nothing comes for `PATIENCE` seconds, OSError, and ValueError if the name is not valid.
    """
    number = os.open(path, _FLAGS | getattr(os, "O_BINARY", 0))
    with os.fdopen(number, "rb", buffering=0):
        mode = _noted(number)
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        content = b"".join(_pieces(number, most + 1, waits=not stat.S_ISREG(mode)))
    return content, stat.S_ISREG(mode)


def _noted(number: int) -> int:
    """Note which file is read, and return its mode."""
    found = os.fstat(number)
    if stat.S_ISREG(found.st_mode):
        _READ.add((found.st_dev, found.st_ino))
    return found.st_mode


def _comes(number: int) -> bool:
    """Wait for something to read; true at once where a system cannot wait for a file, as Windows."""
    import selectors  # noqa: PLC0415 - few contracts come through a pipe

    if not hasattr(selectors, "PollSelector"):
        return True
    with selectors.PollSelector() as asked:
        asked.register(number, selectors.EVENT_READ)
        return bool(asked.select(PATIENCE))


def _pieces(number: int, most: int, *, waits: bool) -> Iterator[bytes]:
    while most > 0:
        if waits and not _comes(number):
            raise SilentPipeError(errno.ETIMEDOUT, f"nothing came through the pipe for {PATIENCE:g} s")
        try:
            piece = os.read(number, min(most, _PIECE))
        except BlockingIOError:  # another reader of the pipe was faster
            continue
        if not piece:
            return
        most -= len(piece)
        yield piece


def read(path: Path, most: int) -> bytes:
    """Read a regular file of at most `most` bytes; no pipe or device.

    Raises OSError, and ValueError if the name is not valid.
    """
    number = os.open(path, _FLAGS | getattr(os, "O_BINARY", 0))
    with os.fdopen(number, "rb") as file:
        mode = _noted(number)
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(mode):
            raise NotAFileError(errno.EINVAL, "it is a device or a pipe, not a regular file")
        content = file.read(most + 1)
    if len(content) > most:
        raise TooLargeError(errno.EFBIG, f"it is larger than {most // 1024 // 1024} MiB")
    return content
