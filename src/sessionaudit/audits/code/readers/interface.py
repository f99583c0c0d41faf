"""Define the interface of a reader: how the files of one language are told, and what is found in one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sessionaudit.audits.code.model import CodeFile
    from sessionaudit.audits.code.passing import HeardFailure, WantedFunctions


class Project(Protocol):
    """The other files of the application, for what a file imports."""

    def text(self, path: Path) -> bytes | None:
        """Return the content of a file; None if there is none, or it may not be read."""
        ...


class CodeReader(Struct, frozen=True, kw_only=True):
    """The reader of one language.

    `suffixes` are those of its files, with their dots. A file without any of the `marks` has no call, and is not read.
    `read` is given the file's path, its name for people, its content and the project. `hear`, where failures are
    returned, is given functions as well that pass failures on, and says what becomes of these where it calls them.
    """

    name: str
    suffixes: frozenset[str]
    marks: tuple[bytes, ...]
    read: Callable[[Path, str, bytes, Project], CodeFile]
    hear: Callable[[Path, str, bytes, Project, WantedFunctions], list[HeardFailure]] | None = None
