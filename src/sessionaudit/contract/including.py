"""The files of a contract: its main file, and those that it includes, each of which may include others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sessionaudit import files
from sessionaudit.contract import file_text, yaml_reader
from sessionaudit.contract.globs import Search, TooManyError
from sessionaudit.contract.problems import Problems
from sessionaudit.core.node import Mapping, NodeError, Source, brief, sequence, text
from sessionaudit.core.place import already, where
from sessionaudit.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping as MappingOf

    from sessionaudit.core.node import Scalar

INCLUDE = "include"
MOST_FILES = 20_000
MOST_DEPTH = 8
MOST_LOOKED = 100_000  # names in folders that the globs of a contract lead through
_TOGETHER = f"the contract and what it includes are larger than {file_text.MOST_BYTES // 1024 // 1024} MiB"
_INSIDE = "It is relative to the file that includes it, and must be inside the folder of the contract."
_FEWER = "Name the folder more precisely."


def roots(source: str, file: str, texts: MappingOf[str, str] | None = None) -> tuple[Mapping, ...]:
    """Parse the main file of a contract, whose text is `source`, and all files that it includes, in their order.

    `texts` are read instead of the files that they are named after. Raises ContractError with all errors.
    """
    main, left = yaml_reader.composed(Source(file, source), yaml_reader.MOST_VALUES)
    return _Including(main, left, texts or {}).all() if INCLUDE in main else (main,)


class _Including:
    def __init__(self, main: Mapping, left: int, texts: MappingOf[str, str]) -> None:
        self._main, self._texts = main, texts
        self._values = left
        self._bytes = file_text.MOST_BYTES - len(main.source.text.encode())
        self._search = Search(MOST_LOOKED)
        self._named = Path(main.source.file).parent
        self._problems = Problems()
        self._by: dict[Path, Scalar] = {}  # what includes each file

    def all(self) -> tuple[Mapping, ...]:
        """The main file and the others, each behind the one that includes it."""
        file = Path(self._main.source.file)
        if not file.is_file() and file.exists():
            item = next(key for key in self._main if key == INCLUDE)
            raise ContractError(
                "a contract that is read from a pipe cannot include files",
                location=where(item),
                hint="Name the file itself with --contract FILE.",
            )
        self._folder = self._named.resolve()
        found = tuple(self._below(self._main, (file.resolve(),)))
        self._problems.end()
        return found

    def _below(self, root: Mapping, chain: tuple[Path, ...]) -> Iterator[Mapping]:
        yield root
        node = next((value for key, value in root.items() if key == INCLUDE), None)
        if node is None:
            return
        with self._problems.of(root):
            for item in sequence(node, f"a list of files, such as {INCLUDE}: [tables/*.yaml]"):
                with self._problems.of(item):
                    glob = text(item, "a file or a glob")
                    for name in self._names(glob):
                        yield from self._included(name, glob, chain)

    def _names(self, glob: Scalar) -> list[str]:
        if not self._is_inside(glob):
            raise self._outside(glob, glob)
        try:
            found = self._search.found(self._folder / glob.source.folder, glob)
        except TooManyError:
            raise NodeError(
                f"“{brief(glob)}” leads through more than {MOST_LOOKED:,} names of files", glob, _FEWER
            ) from None
        except OSError as error:
            raise NodeError(f"cannot look for “{brief(glob)}”: {error.strerror}", glob) from None
        except ValueError:  # a NUL
            raise NodeError(f"cannot look for {str(glob)!r}: this is not a file name", glob) from None
        if not found:
            raise NodeError(f"“{brief(glob)}” matches no file", glob, "It is relative to the file that includes it.")
        return found

    def _is_inside(self, glob: Scalar) -> bool:
        """Whether a glob never leads out of the folder of the contract, as far as its text tells."""
        depth = len(Path(glob.source.folder).parts)
        for part in glob.split("/"):
            depth += -1 if part == ".." else part not in {"", ".", "**"}
            if depth < 0:
                return False
        return not glob.startswith("/")

    def _included(self, name: str, item: Scalar, chain: tuple[Path, ...]) -> Iterator[Mapping]:
        path = self._path(name, item)
        if path in chain:
            raise NodeError(f"{name} includes itself", item, self._around(item, path, chain))
        if path in self._by:
            raise NodeError(f"{name} is included twice", item, already(self._by[path], item))
        self._by[path] = item
        if len(self._by) > MOST_FILES:
            raise NodeError(f"more than {MOST_FILES:,} files are included", item, _FEWER)
        if len(chain) > MOST_DEPTH:
            raise NodeError(f"files include each other deeper than {MOST_DEPTH} levels", item, "Include it above.")
        try:
            root = self._root(path, name, item)
        except ContractError as error:
            self._problems.take(error)
            return
        yield from self._below(root, (*chain, path))

    def _path(self, name: str, item: Scalar) -> Path:
        try:
            path = (self._folder / item.source.folder / name).resolve()
        except (OSError, ValueError, RuntimeError):  # a NUL, or a cycle of links
            raise NodeError(f"cannot read {name!r}: this is not a file name", item) from None
        if not path.is_relative_to(self._folder):
            raise self._outside(name, item)
        return path

    @staticmethod
    def _outside(name: str, item: Scalar) -> NodeError:
        return NodeError(f"{name} is outside the folder of the contract", item, _INSIDE)

    def _around(self, item: Scalar, path: Path, chain: tuple[Path, ...]) -> str:
        """A hint that names the files of a cycle."""
        names = [self._by[one].source.file for one in chain[chain.index(path) + 1 :]]
        if names:
            return f"{' includes '.join((*names, item.source.file, names[0]))}."
        return "Keep the files that it includes in a folder of their own."

    def _root(self, path: Path, name: str, item: Scalar) -> Mapping:
        inside = path.relative_to(self._folder)
        file = str(self._named / inside)
        source = self._texts.get(file)
        if source is None:
            source = file_text.decoded(self._read(path, name, item), file)
        self._bytes -= len(source.encode())
        if self._bytes < 0:
            raise NodeError(_TOGETHER, item, file_text.SPLIT)
        folder = inside.parent.as_posix()
        root, self._values = yaml_reader.composed(Source(file, source, "" if folder == "." else folder), self._values)
        return root

    def _read(self, path: Path, name: str, item: Scalar) -> bytes:
        try:
            return files.read(path, self._bytes)
        except files.TooLargeError:
            raise NodeError(_TOGETHER, item, file_text.SPLIT) from None
        except OSError as error:
            raise NodeError(
                f"cannot include {name}: {error.strerror}", item, "It is relative to the file that includes it."
            ) from None
