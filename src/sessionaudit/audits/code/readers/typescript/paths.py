"""Find the file that an import names: relative to the file, by the paths of tsconfig.json, or in the same workspace."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.audits.code.readers.interface import Project

_SUFFIXES = (".ts", ".tsx", ".js", ".jsx", ".mts", ".cts", ".mjs", ".cjs")
_WRITTEN_AS = {".js": (".ts", ".tsx"), ".jsx": (".tsx",), ".mjs": (".mts",), ".cjs": (".cts",)}
_CONFIGURED_BY = ("tsconfig.json", "jsconfig.json")
_MOST_FOLDERS = 12  # that are climbed in search of the configuration
_TOKENS = re.compile(r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/|,(?=\s*(?:(?://[^\n]*|/\*.*?\*/)\s*)*[}\]])', re.DOTALL)
# What frameworks define in a configuration that they write themselves.
_USUAL = {"@/": ("", "src/"), "~/": ("", "src/", "app/"), "~~/": ("",), "@@/": ("",), "$lib/": ("src/lib/",)}


class _Alias(NamedTuple):
    """A pattern of modules: what stands before and after its star, and the files that it stands for."""

    before: str
    after: str
    targets: tuple[str, ...]
    starred: bool


class ModulePaths:
    """Finds files of modules, and remembers what it found."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._found: dict[tuple[str, str], Path | None] = {}
        self._aliases: dict[str, tuple[tuple[_Alias, ...], str]] = {}
        self._is_file: dict[str, bool] = {}

    def file(self, importer: Path, module: str) -> Path | None:
        """Return the file of a module that a file imports; None if it is not one of the project's."""
        folder = os.path.dirname(importer)  # noqa: PTH120 - of thousands
        key = (folder, module)
        if key not in self._found:
            self._found[key] = next((found for name in self._names(folder, module) if (found := self._at(name))), None)
        return self._found[key]

    def _names(self, folder: str, module: str) -> Iterator[str]:
        if module.startswith("."):
            yield os.path.normpath(os.path.join(folder, module))  # noqa: PTH118 - the same
            return
        aliases, root = self._configured(folder)
        for alias in aliases:
            if not alias.starred:
                if module == alias.before:
                    yield from alias.targets
            elif module.startswith(alias.before) and module.endswith(alias.after):
                middle = module[len(alias.before) : len(module) - len(alias.after)]
                yield from (target.replace("*", middle, 1) for target in alias.targets)
        for start, places in _USUAL.items():
            if module.startswith(start):
                for above in _above(folder, root):
                    yield from (f"{above}/{place}{module.removeprefix(start)}" for place in places)

    def _at(self, name: str) -> Path | None:
        base, suffix = os.path.splitext(name)  # noqa: PTH122 - the same
        for one in (*_WRITTEN_AS.get(suffix, ()), suffix if suffix in _SUFFIXES else ""):
            if one and self._exists(base + one):
                return Path(base + one)
        for ending in (*_SUFFIXES, *(f"/index{one}" for one in _SUFFIXES)):
            if self._exists(name + ending):
                return Path(name + ending)
        return None

    def _exists(self, name: str) -> bool:
        if name not in self._is_file:
            self._is_file[name] = self._project.text(Path(name)) is not None
        return self._is_file[name]

    def _configured(self, folder: str) -> tuple[tuple[_Alias, ...], str]:
        """Return the aliases of the nearest configuration above a folder, and where that stands."""
        if folder not in self._aliases:
            found: tuple[tuple[_Alias, ...], str] = ((), "")
            for above in _above(folder, ""):
                name = next((f"{above}/{one}" for one in _CONFIGURED_BY if self._exists(f"{above}/{one}")), None)
                if name is not None:
                    found = tuple(self._read(name, set())), above
                    break
            self._aliases[folder] = found
        return self._aliases[folder]

    def _read(self, name: str, seen: set[str]) -> Iterator[_Alias]:
        name = os.path.normpath(name)
        text = self._project.text(Path(name))
        if text is None or name in seen:
            return
        seen.add(name)
        config, folder = _json(text), os.path.dirname(name)  # noqa: PTH120 - the same
        options = _mapping(config.get("compilerOptions"))
        base = options.get("baseUrl")
        start = os.path.join(folder, base) if isinstance(base, str) else folder  # noqa: PTH118 - the same
        for pattern, targets in _mapping(options.get("paths")).items():
            before, star, after = pattern.partition("*")
            places = tuple(os.path.normpath(os.path.join(start, one)) for one in _listed(targets))  # noqa: PTH118 - the same
            yield _Alias(before, after, places, bool(star))
        for other in (*_listed(config.get("extends")), *_references(config.get("references"))):
            if other.startswith("."):
                whole = os.path.join(folder, other)  # noqa: PTH118 - the same
                yield from self._read(whole, seen)
                yield from self._read(f"{whole}.json", seen)
                yield from self._read(f"{whole}/tsconfig.json", seen)
        if isinstance(base, str):
            yield _Alias("", "", (os.path.normpath(f"{start}/*"),), True)


def _above(folder: str, last: str) -> Iterator[str]:
    """Return a folder and those above it, up to the last."""
    for _ in range(_MOST_FOLDERS):
        yield folder or "."
        above = os.path.dirname(folder)  # noqa: PTH120 - the same
        if folder in {last, above}:
            return
        folder = above


def _mapping(said: object) -> dict[str, Any]:
    return cast("dict[str, Any]", said) if isinstance(said, dict) else {}


def _listed(said: object) -> list[str]:
    """Return a text, or those of a list."""
    if isinstance(said, str):
        return [said]
    return [one for one in cast("list[object]", said) if isinstance(one, str)] if isinstance(said, list) else []


def _references(said: object) -> list[str]:
    given = cast("list[object]", said) if isinstance(said, list) else []
    return [path for one in given if isinstance(path := _mapping(one).get("path"), str)]


def _json(text: bytes) -> dict[str, Any]:
    """Read JSON that has comments and commas before brackets; what is no JSON has nothing."""
    try:
        return _mapping(json.loads(_TOKENS.sub(lambda match: match[1] or "", text.decode("utf-8-sig", "replace"))))
    except ValueError:
        return {}
