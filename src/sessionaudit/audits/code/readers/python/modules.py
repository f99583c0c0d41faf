"""Find what a file imports: in other files of the application, each parsed once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.code.readers.python.scopes import names_of
from sessionaudit.audits.code.readers.python.settings import Sets
from sessionaudit.audits.code.readers.python.syntax import PythonFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sessionaudit.audits.code.readers.interface import Project
    from sessionaudit.audits.code.readers.python.settings import Setting

_DEEPEST = 4  # modules that only pass a name on
_MOST_FOLDERS = 12  # above a file, in which an absolute import may begin


class PythonModules:
    """The files of a project that were parsed because others import them."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._parsed: dict[Path, PythonFile | None] = {}

    def module(self, source: PythonFile, name: str) -> PythonFile | None:
        """Return the file that a module's name stands for in another file; None if it is not of the application."""
        dots = len(name) - len(name.lstrip("."))
        parts = [part for part in name[dots:].split(".") if part]
        folder = source.path.parent
        if dots:
            for _ in range(dots - 1):
                folder = folder.parent
            return self._file(folder.joinpath(*parts))
        for start in (folder, *folder.parents)[:_MOST_FOLDERS]:
            found = self._file(start.joinpath(*parts))
            if found is not None:
                return found
        return None

    def defined(self, source: PythonFile, setting: Setting, depth: int = 0) -> tuple[PythonFile, list[Setting]] | None:
        """Return the file that defines what is imported, and where it does. A module itself has no settings."""
        if setting.sort is not Sets.IMPORT or depth > _DEEPEST:
            return None
        if not setting.imported:
            module = self.module(source, setting.origin)
            return (module, []) if module is not None else None
        for module in self._modules(source, setting):
            found = names_of(module, module.root).get(setting.imported)
            if not found:
                continue
            if len(found) == 1 and found[0].sort is Sets.IMPORT:
                return self.defined(module, found[0], depth + 1)
            return module, found
        dot = "" if setting.origin.endswith(".") else "."
        module = self.module(source, f"{setting.origin}{dot}{setting.imported}")
        return (module, []) if module is not None else None

    def _modules(self, source: PythonFile, setting: Setting) -> Iterator[PythonFile]:
        module = self.module(source, setting.origin)
        if module is not None:
            yield module

    def _file(self, path: Path) -> PythonFile | None:
        for candidate in (path.with_name(f"{path.name}.py"), path / "__init__.py"):
            if candidate not in self._parsed:
                text = self._project.text(candidate)
                made = PythonFile(candidate, candidate.as_posix(), text) if text is not None else None
                self._parsed[candidate] = made
            if (found := self._parsed[candidate]) is not None:
                return found
        return None
