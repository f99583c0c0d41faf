"""Read the files of an application: those that have a call, by several processes where there are many."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from msgspec import Struct

from sessionaudit import files
from sessionaudit.audits.code.passing import WantedFunctions, followed
from sessionaudit.audits.code.readers import reader_of, readers
from sessionaudit.audits.code.tree import MOST_BYTES, file_ref
from sessionaudit.core.finding import Skipped
from sessionaudit.core.underway import UNDERWAY

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sessionaudit.audits.code.model import CodeFile
    from sessionaudit.audits.code.passing import CallersFate, HeardFailure
    from sessionaudit.audits.code.tree import SourceFile, SourceTree

_Given = TypeVar("_Given")
_Found = TypeVar("_Found")
_WORTH_A_PROCESS = 400_000  # bytes of code: a process takes as long to start as these to read
_MOST_PROCESSES = 8
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # its byte-order marks
_RECODE = "Save it in UTF-8."
_FOLLOWING = "following failures"


class ReadCode(Struct, frozen=True, kw_only=True):
    """What was read: `looked` files, of which `files` have something, and what could not be read.

    `fates` are what becomes of failures in other files than that of the request.
    """

    looked: int
    files: tuple[CodeFile, ...]
    skipped: tuple[Skipped, ...] = ()
    fates: tuple[CallersFate, ...] = ()


class ProjectFiles:
    """The files of an application, each read once; none outside of its roots but what configures their modules."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self._roots = tuple(root.resolve() for root in roots)
        self._known: dict[Path, bytes | None] = {}

    def text(self, path: Path) -> bytes | None:
        """Return the content of a file; None if there is none, or it may not be read."""
        if path not in self._known:
            self._known[path] = self._read(path)
        return self._known[path]

    def _read(self, path: Path) -> bytes | None:
        try:
            resolved = path.resolve()
            inside = any(resolved.is_relative_to(root) for root in self._roots)
            if not inside and not self._configures(resolved):
                return None
            return files.read(resolved, MOST_BYTES)
        except (OSError, ValueError, RuntimeError):
            return None

    def _configures(self, path: Path) -> bool:
        """Tell whether a file beside or above a root says where the modules below it are."""
        said = path.suffix == ".json" and path.name.startswith(("tsconfig", "jsconfig"))
        return said and any(root.is_relative_to(path.parent) for root in self._roots)


def suffixes() -> frozenset[str]:
    """Return those of all files that can be read."""
    return frozenset(suffix for reader in readers() for suffix in reader.suffixes)


def read_code(tree: SourceTree, roots: Sequence[Path], *, processes: int = 0) -> ReadCode:
    """Read the files of a tree. `processes` are as many as pay, if 0."""
    marked: list[tuple[SourceFile, bytes]] = []
    skipped: list[Skipped] = []
    for one in tree.files:
        try:
            content = files.read(one.path, MOST_BYTES)
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            skipped.append(
                Skipped(f"the code in {one.shown}", f"it cannot be read: {why}", about=(file_ref(one.shown),))
            )
            continue
        if content.startswith(_UTF_16):
            skipped.append(
                Skipped(f"the code in {one.shown}", "it is in UTF-16", _RECODE, about=(file_ref(one.shown),))
            )
            continue
        reader = reader_of(one.path.suffix)
        if reader is not None and any(mark in content for mark in reader.marks):
            marked.append((one, content))
    number = processes or _paying(marked)
    pool = _pool(number) if number > 1 else None
    with pool or nullcontext():
        reading = _CodeReading(pool, number, tuple(roots))
        found = reading.read(marked)
        fates = reading.fates(found, tree.files)
    found.sort(key=lambda one: one.path.split("/"))
    return ReadCode(looked=len(tree.files), files=tuple(found), skipped=tuple(skipped), fates=tuple(fates))


def _paying(marked: Sequence[tuple[SourceFile, bytes]]) -> int:
    size = sum(len(content) for _, content in marked)
    return min(max(size // _WORTH_A_PROCESS, 1), len(os.sched_getaffinity(0)), _MOST_PROCESSES)


def _pool(number: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(number, mp_context=multiprocessing.get_context("forkserver"))


class _CodeReading(NamedTuple):
    """Reads files, in a pool of so many processes, or without one."""

    pool: ProcessPoolExecutor | None
    number: int
    roots: tuple[Path, ...]

    def read(self, marked: Sequence[tuple[SourceFile, bytes]]) -> list[CodeFile]:
        """Return what the files have."""
        return self._in_parts("reading code", _read_part, marked)

    def fates(self, read: Sequence[CodeFile], every: Sequence[SourceFile]) -> list[CallersFate]:
        """Return what becomes of failures that functions of the files pass on to others."""
        found, _ = followed(
            [one for file in read for one in file.passed],
            lambda wanted: self._in_parts(_FOLLOWING, partial(_hear_part, wanted=WantedFunctions(wanted)), every),
        )
        return found

    def _in_parts(
        self,
        what: str,
        function: Callable[[Sequence[_Given], tuple[Path, ...]], list[_Found]],
        given: Sequence[_Given],
    ) -> list[_Found]:
        if self.pool is None:
            with UNDERWAY.doing(what):
                return function(given, self.roots)
        # More parts than processes: one that is ready early takes another.
        parts = [given[place :: self.number * 4] for place in range(self.number * 4)]
        found: list[_Found] = []
        with UNDERWAY.doing(what, len(given)) as reading:
            for part, more in zip(parts, self.pool.map(function, parts, [self.roots] * len(parts)), strict=True):
                found += more
                reading.advance(len(part))
        return found


def _read_part(marked: Sequence[tuple[SourceFile, bytes]], roots: Sequence[Path]) -> list[CodeFile]:
    project = ProjectFiles(roots)
    found: list[CodeFile] = []
    for one, content in marked:
        reader = reader_of(one.path.suffix)
        if reader is not None:
            found.append(reader.read(one.path, one.shown, content, project))
    return found


def _hear_part(every: Sequence[SourceFile], roots: Sequence[Path], *, wanted: WantedFunctions) -> list[HeardFailure]:
    project = ProjectFiles(roots)
    found: list[HeardFailure] = []
    for one in every:
        reader = reader_of(one.path.suffix)
        content = project.text(one.path) if reader is not None and reader.hear is not None else None
        if reader is not None and reader.hear is not None and content is not None:
            found += reader.hear(one.path, one.shown, content, project, wanted)
    return found
