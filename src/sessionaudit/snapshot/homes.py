"""In which file of a contract a new object stands: where its like stand, if that is one file, else the main file."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from sessionaudit.kinds import KINDS, held_by

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessionaudit.contract.extents import Data
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.kind import Kind, ObjectPath

    Objects = Mapping[str, Mapping[ObjectPath, Any]]

_KINDS = {kind.name: kind for kind in KINDS}


class Homes:
    """The files of a contract, of which `data` is what each says, by what stands in them."""

    def __init__(self, contract: Contract, data: Mapping[str, Data]) -> None:
        self._contract, self._data = contract, data
        self._main = contract.sources[0].file

    def of(self, kind: Kind[Any], path: ObjectPath) -> str:
        """The file for a new object of a kind that stands by itself."""
        if len(self._data) == 1:
            return self._main
        having = [file for file, said in self._data.items() if isinstance(said, dict) and kind.section in said]
        for files in (self._by_schema.get((kind.section, _schema(kind, path)), ()), having):
            if len(files) == 1:
                return next(iter(files))
        return self._main

    def divided(self, objects: Objects) -> dict[str, dict[str, dict[ObjectPath, Any]]]:
        """New objects by the file for each; what is in or on another one goes where that goes."""
        files = dict.fromkeys((self._main, *self._data))
        found: dict[str, dict[str, dict[ObjectPath, Any]]] = {file: {kind: {} for kind in objects} for file in files}
        for name, models in objects.items():
            for path, model in models.items():
                kind, of = _KINDS[name], path
                if kind.within:
                    holder = kind.holder(path, lambda ref: ref.path in objects.get(ref.kind, ()))
                    kind, of = (_KINDS[holder.kind], holder.path) if holder else (kind, path)
                found[self.of(kind, of)][name][path] = model
        return {file: part for file, part in found.items() if any(part.values())}

    @cached_property
    def _by_schema(self) -> dict[tuple[str, str], set[str]]:
        """The files that have objects of a schema in a section."""
        found: dict[tuple[str, str], set[str]] = {}
        for kind in held_by(""):
            for path, entry in self._contract.objects[kind.name].items():
                found.setdefault((kind.section, _schema(kind, path)), set()).add(entry.key.source.file)
        return found


def _schema(kind: Kind[Any], path: ObjectPath) -> str:
    return path[kind.path.index("schema")] if "schema" in kind.path else path[0] if kind.is_relation else ""
