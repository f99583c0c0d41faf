"""Find the files of a folder that a glob names, in a fixed order, and never more of it than is bearable."""

from __future__ import annotations

import fnmatch
import os
import re
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MAGIC = re.compile(r"[*?[]")
_ANY_DEPTH = "**"


class TooManyError(ValueError):
    """A glob leads through more names than a search may look at."""


class Search:
    """Searches of one contract, which together look at no more than `most` names."""

    def __init__(self, most: int) -> None:
        self._left = most
        self._known: dict[str, list[os.DirEntry[str]] | None] = {}

    def found(self, folder: Path, glob: str) -> list[str]:
        """Return the names of files, relative to the folder and sorted; a name without a wildcard is returned as it is.

        `*`, `?` and `[…]` stand for characters of a name, `**` for any number of folders. A wildcard stands for no
        name that begins with a dot, and `**` for no link. Raises TooManyError, OSError, and ValueError for a NUL.
        """
        if not _MAGIC.search(glob):
            return [glob]
        parts: list[str] = []
        for part in glob.split("/"):
            if part and not (part == _ANY_DEPTH and parts[-1:] == [_ANY_DEPTH]):
                parts.append(part)
        if parts[-1] == _ANY_DEPTH:
            parts.append("*")
        names = dict.fromkeys(self._matching(folder, parts))
        return sorted(names, key=lambda name: name.split("/"))

    def _matching(self, folder: Path, parts: list[str]) -> Iterator[str]:
        """The files that the parts of a glob lead to. Neither many parts nor deep folders take more of the stack."""
        matches = [re.compile(fnmatch.translate(part)).match if _MAGIC.search(part) else None for part in parts]
        last = len(parts) - 1
        left = [("", 0)]  # folders, and which of the parts comes next there
        while left:
            before, at = left.pop()
            literal = at
            while matches[at] is None and at < last:
                at += 1
            before += "".join(f"{part}/" for part in parts[literal:at])
            part, match = parts[at], matches[at]
            if match is None:
                if (folder / before / part).is_file():
                    yield f"{before}{part}"
                continue
            entries = self._entries(folder, before)
            if entries is None:
                continue
            if part == _ANY_DEPTH:
                left.append((before, at + 1))
                inner = (one for one in entries if one.is_dir(follow_symlinks=False) and not one.name.startswith("."))
                left += [(f"{before}{one.name}/", at) for one in inner]
                continue
            for entry in entries:
                if not match(entry.name) or (entry.name.startswith(".") and not part.startswith(".")):
                    continue
                if at < last and entry.is_dir():
                    left.append((f"{before}{entry.name}/", at + 1))
                elif at == last and not entry.is_dir():
                    yield f"{before}{entry.name}"

    def _entries(self, folder: Path, inner: str) -> list[os.DirEntry[str]] | None:
        """What is in a folder; None where there is no such folder."""
        path = os.path.join(folder, inner)  # noqa: PTH118 - ten times as fast as a Path, and made very often
        if path not in self._known:
            self._known[path] = None
            with suppress(FileNotFoundError, NotADirectoryError), os.scandir(path) as entries:
                self._known[path] = [*islice(entries, self._left + 1)]
        found = self._known[path]
        self._left -= len(found or ())
        if self._left < 0:
            raise TooManyError
        return found
