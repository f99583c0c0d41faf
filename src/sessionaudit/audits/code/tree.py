"""Find the files of source code below a directory, without those that a tool has made, installed or tests with."""

from __future__ import annotations

import os
import re
from fnmatch import translate
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.core.finding import Skipped
from sessionaudit.core.ref import ObjectRef, Spelled
from sessionaudit.core.report import Searched

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CALL = "call"  # what the references of this audit are to
MOST_FILES = 200_000
MOST_BYTES = 2 * 1024 * 1024  # of a file; a larger one was made by a tool
# Directories of what is installed. One that begins with a dot is left out, too.
_INSTALLED = frozenset("node_modules bower_components venv site-packages __pycache__ storybook-static".split())
# What tools make, beside a file that is at the top of a project. Elsewhere it is source: a route may be called build.
_MADE = frozenset("build dist out target coverage vendor".split())
_TOP = frozenset(
    ".git package.json deno.json deno.jsonc tsconfig.json jsconfig.json pyproject.toml setup.py setup.cfg Cargo.toml "
    "go.mod pom.xml build.gradle build.gradle.kts composer.json Gemfile".split()
)
_TESTS = frozenset("__tests__ __mocks__ test tests e2e cypress playwright fixtures mocks spec specs".split())
_TEST_FILE = re.compile(r"(?:.*[._-](?:test|spec|stories|mock|cy|e2e)\.[a-z]+|test_.*\.py|.*_test\.py|conftest\.py)\Z")
_NOT_WRITTEN = re.compile(r".*(?:\.d\.[cm]?ts|\.min\.[cm]?js)\Z")
_TOO_LARGE = f"it is larger than {MOST_BYTES // 1024 // 1024} MiB"
_ELSEWHERE, _NAME_IT = "it is a link to a file outside of the directories that are read", "To have it read, name it."
_NO_FILE = "it has no file of a language that is read, or all of them are left out"


class SourceFile(Struct, frozen=True):
    """A file, and its path as people are told of it."""

    path: Path
    shown: str
    size: int


def file_ref(shown: str) -> ObjectRef:
    """Return the reference of a file of code, which those of its calls continue."""
    return ObjectRef(CALL, (Spelled(shown),))


class SourceTree(Struct, frozen=True, kw_only=True):
    """The files that are to be read, and what was left out, by number and reason."""

    files: tuple[SourceFile, ...]
    left_out: dict[str, int]
    skipped: tuple[Skipped, ...] = ()
    searched: Searched = Searched()


def source_tree(
    roots: Sequence[Path], suffixes: frozenset[str], exclude: Sequence[str] = (), *, tests: bool = False
) -> SourceTree:
    """List the files below some directories whose names end in one of the suffixes, sorted; each once.

    `exclude` are globs of paths relative to a root, or of names. Links to directories are not followed, and those to
    files outside of the directories are told of.
    """
    return _Search(suffixes, exclude, tests=tests).tree(roots)


class _Search:
    def __init__(self, suffixes: frozenset[str], exclude: Sequence[str], *, tests: bool) -> None:
        self._suffixes, self._tests = suffixes, tests
        self._excluded = [re.compile(one).match for glob in exclude for one in _spelled(glob)]
        self._left_out: dict[str, int] = {}
        self._passed_over: list[str] = []
        self._skipped: list[Skipped] = []
        self._left = MOST_FILES
        self._inside: tuple[str, ...] = ()
        self._read = f"Read are files whose names end in {', '.join(sorted(suffixes))}."

    def tree(self, roots: Sequence[Path]) -> SourceTree:
        files: dict[str, SourceFile] = {}
        self._inside = tuple(os.path.realpath(root) for root in roots)
        for root in roots:
            before = len(self._skipped)
            found = list(self._below(root))
            for one in found:
                files.setdefault(os.path.realpath(one.path), one)
            if not found and len(self._skipped) == before:
                self._skipped.append(Skipped(f"code in {root.as_posix()}", _NO_FILE, self._read))
        ordered = sorted(files.values(), key=lambda one: one.shown.split("/"))
        searched = Searched(tuple(map(_beginning, roots)), tuple(sorted(self._passed_over)))
        return SourceTree(
            files=tuple(ordered), left_out=self._left_out, skipped=tuple(self._skipped), searched=searched
        )

    def _below(self, root: Path) -> Iterator[SourceFile]:
        if root.is_file():
            if root.suffix not in self._suffixes:
                reason = f"a file whose name ends in {root.suffix or root.name!r} is not read"
                self._skipped.append(Skipped(f"code in {root.as_posix()}", reason, self._read))
                return
            yield SourceFile(root, root.as_posix(), root.stat().st_size)  # who names a file wants it read
            return
        folders = [root]
        while folders:
            folder = folders.pop()
            try:
                with os.scandir(folder) as entries:
                    found = list(entries)
            except OSError as error:
                self._skipped.append(Skipped(f"code in {folder.as_posix()}", f"cannot be read: {error.strerror}"))
                continue
            self._left -= len(found)
            if self._left < 0:
                reason = f"there are more than {MOST_FILES:,} files"
                self._skipped.append(Skipped(f"code in {root.as_posix()}", reason, "Name its directories one by one."))
                return
            made = _MADE if any(entry.name in _TOP for entry in found) else frozenset[str]()
            for entry in found:
                path = Path(entry.path)
                inner = path.relative_to(root).as_posix()
                try:
                    if entry.is_dir(follow_symlinks=False):
                        if entry.name not in made and self._enters(entry.name, inner):
                            folders.append(path)
                        else:
                            self._passed_over.append(_beginning(path))
                    elif self._takes(entry, inner):
                        yield SourceFile(path, path.as_posix(), entry.stat().st_size)
                    elif path.suffix in self._suffixes:
                        self._passed_over.append(path.as_posix())
                except OSError as error:  # a link that leads to itself, a file that has just gone
                    self._skipped.append(Skipped(f"code in {path.as_posix()}", f"cannot be read: {error.strerror}"))

    def _enters(self, name: str, inner: str) -> bool:
        if name.startswith(".") or name in _INSTALLED or self._is_excluded(name, inner):
            return False
        return self._tests or name not in _TESTS or self._without("in directories of tests")

    def _takes(self, entry: os.DirEntry[str], inner: str) -> bool:
        name = entry.name
        if os.path.splitext(name)[1] not in self._suffixes or _NOT_WRITTEN.match(name):  # noqa: PTH122 - of many
            return False
        if self._is_excluded(name, inner) or not entry.is_file():
            return False
        if not self._tests and _TEST_FILE.match(name):
            return self._without("of tests")
        if entry.is_symlink() and not self._is_inside(entry.path):
            self._skipped.append(Skipped(f"code in {Path(entry.path).as_posix()}", _ELSEWHERE, _NAME_IT))
            return False
        if entry.stat().st_size > MOST_BYTES:
            hint = "If a tool has made it, leave it out: --exclude, or “exclude” of the contract."
            self._skipped.append(Skipped(f"code in {Path(entry.path).as_posix()}", _TOO_LARGE, hint))
            return False
        return True

    def _is_inside(self, path: str) -> bool:
        meant = os.path.realpath(path)
        return any(meant.startswith(f"{root}{os.sep}") for root in self._inside)

    def _is_excluded(self, name: str, inner: str) -> bool:
        return any(match(inner) or match(name) for match in self._excluded)

    def _without(self, why: str) -> bool:
        self._left_out[why] = self._left_out.get(why, 0) + 1
        return False


def _beginning(folder: Path) -> str:
    """With what the names of the files in a directory begin."""
    shown = folder.as_posix()
    return "" if shown == "." else f"{shown}/"


def _spelled(glob: str) -> tuple[str, ...]:
    """Return a glob as regular expressions, one without the directories that `**/` may stand for."""
    glob = glob.removeprefix("./")
    return translate(glob), translate(re.sub(r"(?<![^/])\*\*/", "", glob))
