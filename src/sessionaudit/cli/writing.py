"""Files that a command writes: there whole or not at all, and what they were before that in kind, place and rights."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from typing import TYPE_CHECKING

from sessionaudit.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

_HINT = "Choose another file with {option}."
# A name of a stream that is open already: opened by that name it would be written from its start, or not at all.
_STREAM = re.compile(r"/dev/(?:stdout|stderr|fd/(?P<fd>[0-9]+))|/proc/self/fd/(?P<proc>[0-9]+)")
_NAMED = {"/dev/stdout": 1, "/dev/stderr": 2}
_NEW = 0o666  # less what the umask takes


def require_writable(output: Path | None, option: str = "--output") -> None:
    """Refuse, before any work is done, a file that cannot be written afterwards. Raises UsageError."""
    if output is None or stream_of(output) is not None:
        return
    target = _target(output, option)
    folder = target.parent
    unfit = target.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK)
    if unfit and not _is_special(target):
        raise UsageError(f"cannot write {output}", hint=_HINT.format(option=option))


def replace_file(output: Path, text: str, option: str = "--output") -> None:
    """Write a file that is there whole or not at all.

    A link stays one, and what it leads to is written; a device, a pipe or a stream of this process is written to; a
    file that was there keeps its rights and its owner. Raises UsageError; `option` is what named the file.
    """
    content = text.encode("utf-8", errors="backslashreplace")
    try:
        number = stream_of(output)
        if number is not None:
            with os.fdopen(os.dup(number), "wb") as stream:
                stream.write(content)
            return
        target = _target(output, option)
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if _is_special(target):
            target.write_bytes(content)
        else:
            _exchange(target, content)
    except OSError as error:
        raise UsageError(f"cannot write {output}: {error.strerror}", hint=_HINT.format(option=option)) from None


def stream_of(output: Path) -> int | None:
    """The number of the stream that a path names."""
    match = _STREAM.fullmatch(str(output))
    if match is None:
        return None
    number = match["fd"] or match["proc"]
    return int(number) if number else _NAMED[str(output)]


def _target(output: Path, option: str) -> Path:
    """What a path leads to. Raises UsageError."""
    try:
        return output.resolve()
    except (OSError, RuntimeError, ValueError):  # links in a circle; a NUL
        raise UsageError(f"cannot write {str(output)!r}", hint=_HINT.format(option=option)) from None


def _is_special(target: Path) -> bool:
    return target.exists() and not target.is_file() and not target.is_dir()


def _exchange(target: Path, content: bytes) -> None:
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    before = target.stat() if target.exists() else None
    try:
        # Nobody else may read it before it has the rights of the file whose place it takes.
        number = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _NEW if before is None else 0o600)
        with os.fdopen(number, "wb") as file:
            if before is not None:
                with contextlib.suppress(OSError):  # only root gives files away
                    os.fchown(number, before.st_uid, before.st_gid)
                os.fchmod(number, stat.S_IMODE(before.st_mode))
            file.write(content)
        draft.replace(target)
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
