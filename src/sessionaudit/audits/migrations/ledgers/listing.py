"""List the files of a folder of migrations, and read them."""

from __future__ import annotations

import codecs
import os
from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit import files
from sessionaudit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_BYTES = 64 * 1024 * 1024  # of one file
MOST_NAMES = 200_000
MOST_DEPTH = 8
_PEEKED = 8  # files that are read in order to know a folder's tool
_NOT_OF_IT = frozenset(("node_modules", "__pycache__", "venv", "target", "vendor"))
_BYTE_ORDER_MARK = "\ufeff"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_AS_UTF_8 = "Save it as UTF-8."


class UnreadFileError(UsageError):
    """A file that cannot be read; `why` is a clause that says so."""

    def __init__(self, called: str, why: str, *, hint: str = "") -> None:
        super().__init__(f"cannot read {called}: {why}", hint=hint)
        self.why = why


class Listing(Struct, frozen=True, kw_only=True):
    """The files of a folder and of those below it: their paths in it, in the order of the names.

    `shown` is the folder as it is told to people; `names` has the same paths.
    """

    root: Path
    shown: str
    files: tuple[str, ...]
    names: frozenset[str]

    @property
    def top(self) -> tuple[str, ...]:
        """The files that are in the folder itself."""
        return tuple(file for file in self.files if "/" not in file)

    @property
    def sql(self) -> tuple[str, ...]:
        """The files of SQL that are in the folder itself."""
        return tuple(file for file in self.files if "/" not in file and file.endswith(".sql"))

    def called(self, file: str) -> str:
        """Return the path of a file as it is told to people."""
        return f"{self.shown}/{file}" if self.shown not in {"", "."} else file

    def whole_text(self, file: str) -> str:
        """Read a file. Raises UnreadFileError."""
        called = self.called(file)
        if not _stays(self.root, file):
            raise UnreadFileError(called, "it is a link out of the folder")
        try:
            content = files.read(self.root / file, MOST_BYTES)
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", "") or str(error)
            it = "it " if isinstance(error, IsADirectoryError) else ""
            raise UnreadFileError(called, f"{it}{why[:1].lower()}{why[1:]}") from None
        if content.startswith(_UTF_16):
            raise UnreadFileError(called, "it is UTF-16, which PostgreSQL does not take", hint=_AS_UTF_8)
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise UnreadFileError(called, _first_bad(content, error), hint=_AS_UTF_8) from None

    def peeked(self, suffix: str = ".sql") -> Iterator[str]:
        """Read the texts of the first few files whose names end so, as far as they can be read."""
        for file in [file for file in self.files if file.endswith(suffix)][:_PEEKED]:
            try:
                yield without_mark(self.whole_text(file))
            except UnreadFileError:
                continue


def _first_bad(content: bytes, error: UnicodeDecodeError) -> str:
    line = content.count(b"\n", 0, error.start) + 1
    return f"it is not UTF-8 (line {line:,}, byte {error.start + 1:,})"


def _stays(root: Path, file: str) -> bool:
    """Whether a file is in the folder, wherever links lead; one that is nowhere is told of when it is read."""
    try:
        return (root / file).resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError, ValueError):
        return True


def without_mark(text: str) -> str:
    """Return a text without the byte-order mark."""
    return text.removeprefix(_BYTE_ORDER_MARK)


def listed(root: Path, shown: str) -> Listing:
    """List a folder. Raises UsageError."""
    if not root.is_dir():
        raise UsageError(f"{shown} is not a directory")
    try:
        found = sorted(_below(root, ""))
    except OSError as error:
        raise UsageError(f"cannot read {error.filename or shown}: {error.strerror}") from None
    return Listing(root=root, shown=shown, files=tuple(found), names=frozenset(found))


def _below(root: Path, within: str) -> Iterator[str]:
    left, waiting = MOST_NAMES, [within]
    while waiting:
        folder = waiting.pop()
        with os.scandir(root / folder) as found:
            for entry in found:
                left -= 1
                if left < 0:
                    raise UsageError(
                        f"{root} has more than {MOST_NAMES:,} files and directories",
                        hint="Name the directory of the migrations itself.",
                    )
                path = f"{folder}/{entry.name}" if folder else entry.name
                # What only looks like a file of SQL is told of where it cannot be read.
                if entry.is_dir(follow_symlinks=False):
                    if entry.name.endswith(".sql"):
                        yield path
                    if entry.name not in _NOT_OF_IT and entry.name[0] != "." and path.count("/") < MOST_DEPTH:
                        waiting.append(path)
                elif not _is_link_to_directory(entry):
                    yield path


def _is_link_to_directory(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link in a circle
        return False
