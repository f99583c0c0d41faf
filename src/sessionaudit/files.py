"""Read files named by users: only regular files, completely, and only up to a size limit."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# Do not wait for a writer of a pipe, and do not acquire a controlling terminal; Windows has neither flag.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_CLOEXEC", 0)


class NotAFileError(OSError):
    """The path is a directory, a device or a pipe; `strerror` says so."""


class TooLargeError(OSError):
    """The file exceeds the size limit; `strerror` says so."""


def read(path: Path, most: int) -> bytes:
    """Read a regular file of at most `most` bytes. Raises OSError, and ValueError if the name is not valid."""
    number = os.open(path, _FLAGS | getattr(os, "O_BINARY", 0))
    with os.fdopen(number, "rb") as file:
        mode = os.fstat(number).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(mode):
            raise NotAFileError(errno.EINVAL, "it is a device or a pipe, not a regular file")
        content = file.read(most + 1)
    if len(content) > most:
        raise TooLargeError(errno.EFBIG, f"it is larger than {most // 1024 // 1024} MiB")
    return content
