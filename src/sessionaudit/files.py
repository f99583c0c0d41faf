"""Files that somebody else named: read whole, if they are files at all, and never without a bound."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# Not to wait for whoever writes into a pipe, nor to take a terminal for ours; Windows knows neither.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_CLOEXEC", 0)


class NotAFileError(OSError):
    """What has the name is a folder, a device or a pipe; `strerror` says so."""


class TooLargeError(OSError):
    """The file is larger than it may be; `strerror` says so."""


def read(path: Path, most: int) -> bytes:
    """The content of a regular file of `most` bytes at most. Raises OSError, and ValueError where the name is none."""
    number = os.open(path, _FLAGS | getattr(os, "O_BINARY", 0))
    with os.fdopen(number, "rb") as file:
        mode = os.fstat(number).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(mode):
            raise NotAFileError(errno.EINVAL, "it is a device or a pipe, and no regular file")
        content = file.read(most + 1)
    if len(content) > most:
        raise TooLargeError(errno.EFBIG, f"it is larger than {most // 1024 // 1024} MiB")
    return content
