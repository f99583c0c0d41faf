"""Writes files atomically, and keeps their kind, place and permissions."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
from typing import TYPE_CHECKING

from sessionaudit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path
    from typing import IO

    Write = Callable[[str], None]

_HINT = "Choose another file with {option}."
# A name of a stream that is open already: opened by that name it would be written from its start, or not at all.
_STREAM = re.compile(r"/dev/(?:stdout|stderr|fd/(?P<fd>[0-9]+))|/proc/self/fd/(?P<proc>[0-9]+)")
_NAMED = {"/dev/stdout": 1, "/dev/stderr": 2}
_NEW = 0o666  # less what the umask takes
_MOST_LINKS = 40  # as many as Linux follows
_LONGEST = 60  # characters of a file's name in that of its draft, which has room for them


def require_writable(output: Path | None, option: str = "--output") -> None:
    """Refuse, before any work is done, a file that cannot be written afterwards. Raises UsageError."""
    if output is None or stream_of(output) is not None:
        return
    target = _target(output, option)
    folder = target.parent
    unfit = target.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK)
    if unfit and not _is_special(target):
        raise UsageError(f"cannot write {output}", hint=_HINT.format(option=option))


def require_new(output: Path | None, hint: str) -> None:
    """Refuse a file that exists, before any work is done; `hint` says what else could be meant. Raises UsageError."""
    if output is not None and stream_of(output) is None and output.is_file():
        raise UsageError(f"{output} exists", hint=hint)


def replace_file(output: Path, text: str, option: str = "--output") -> None:
    """Write a file as `drafted` does. Raises UsageError."""
    with drafted(output, option) as write:
        write(text)


@contextlib.contextmanager
def drafted(output: Path, option: str = "--output") -> Generator[Write]:
    """What takes the text of a file that is there whole or not at all: if the block fails, the old one stays.

    A link stays one, and what it leads to is written; a device, a pipe or a stream of this process is written to as the
    text comes; a file that was there keeps its rights and its owner. Raises UsageError; `option` is what named the
    file.
    """
    try:
        with _opened(output, option) as file:
            yield lambda text: _write(file, text)
    except OSError as error:
        raise UsageError(f"cannot write {output}: {error.strerror}", hint=_HINT.format(option=option)) from None


def _write(file: IO[bytes], text: str) -> None:
    file.write(text.encode("utf-8", errors="backslashreplace"))


@contextlib.contextmanager
def _opened(output: Path, option: str) -> Generator[IO[bytes]]:
    number = stream_of(output)
    if number is not None:
        with os.fdopen(os.dup(number), "wb") as stream:
            yield stream
        return
    target = _target(output, option)
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if _is_special(target):
        with target.open("wb") as device:
            yield device
        return
    draft = target.with_name(f".{target.name[:_LONGEST]}.{secrets.token_hex(4)}.part")
    try:
        with _begun(draft, target) as file:
            yield file
        draft.replace(target)
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)


def _begun(draft: Path, target: Path) -> IO[bytes]:
    """A new file, with the rights of the one whose place it takes: nobody else may read it before it has them."""
    before = target.stat() if target.exists() else None
    number = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _NEW if before is None else 0o600)
    file = os.fdopen(number, "wb")
    if before is not None:
        try:
            _own(number, before)
            os.fchmod(number, stat.S_IMODE(before.st_mode))
        except OSError:
            file.close()
            raise
    return file


def _own(number: int, before: os.stat_result) -> None:
    """Give a file to whom it belonged, as far as we may: only root to others, anybody to a group of theirs."""
    for owner in (before.st_uid, -1):
        with contextlib.suppress(OSError):
            os.fchown(number, owner, before.st_gid)
            return


def stream_of(output: Path) -> int | None:
    """The number of the stream that a path names, by a link perhaps."""
    path = os.path.abspath(output)  # noqa: PTH100 - as it is written, with no link followed
    for _ in range(_MOST_LINKS):
        if match := _STREAM.fullmatch(path):
            number = match["fd"] or match["proc"]
            return int(number) if number else _NAMED[path]
        try:
            path = os.path.normpath(os.path.join(os.path.dirname(path), os.readlink(path)))  # noqa: PTH115, PTH118, PTH120
        except (OSError, ValueError):  # no link
            return None
    return None


def _target(output: Path, option: str) -> Path:
    """What a path leads to. Raises UsageError."""
    try:
        return output.resolve()
    except (OSError, RuntimeError, ValueError):  # links in a circle; a NUL
        raise UsageError(f"cannot write {str(output)!r}", hint=_HINT.format(option=option)) from None


def _is_special(target: Path) -> bool:
    return target.exists() and not target.is_file() and not target.is_dir()
