"""What a contract states, for checks that ask no database: what is declared, what is absent, and what is listed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.lint import named_by
from sessionaudit.core.node import UNNAMED, Mapping
from sessionaudit.core.ref import ObjectRef
from sessionaudit.kinds import KINDS, SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.contract.model import Contract, Declared
    from sessionaudit.core.kind import Kind
    from sessionaudit.core.lint import Models, NamedObject

BY_NAME = {kind.name: kind for kind in KINDS}


class StatedContract:
    """A contract, with the models of its objects; None stands for one that is declared absent."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.models: Models = {
            name: {path: entry.value for path, entry in entries.items()} for name, entries in contract.objects.items()
        }

    def objects(self) -> Iterator[tuple[Kind[Any], ObjectRef, Declared]]:
        """Every object that is declared, and not as absent."""
        for kind in KINDS:
            for path, entry in self.contract.objects[kind.name].items():
                if entry.value is not None:
                    yield kind, ObjectRef(kind.name, path), entry

    def declares(self, ref: ObjectRef) -> bool:
        """Whether the contract says that an object must exist."""
        return self.models[ref.kind].get(ref.path) is not None

    def declares_any(self, named: NamedObject) -> bool:
        """Whether it says so of one of the objects that a name may stand for."""
        return any(map(self.declares, named.refs))

    def absent(self, named: NamedObject) -> ObjectRef | None:
        """Return what the contract declares absent: the object, what it is on, or its schema."""
        if self.declares_any(named):
            return None
        for ref in named.refs:
            around = [ref, *(ObjectRef(name, ref.path[:-1]) for name in BY_NAME[ref.kind].within)]
            for one in around:
                if one.path in self.models[one.kind] and not self.declares(one):
                    return one
        return self.absent_schema(named.refs[0])

    def absent_schema(self, ref: ObjectRef) -> ObjectRef | None:
        """Return the schema that an object is in, if the contract declares that absent."""
        schema = self.schema_of(ref)
        return schema if schema and self.models[schema.kind].get(schema.path, schema) is None else None

    def schema_of(self, ref: ObjectRef) -> ObjectRef | None:
        """Return the schema that an object is in, None for those that are in none."""
        inside = BY_NAME[ref.kind].path[0] == "schema" and len(ref.path) > 1
        return ObjectRef(SCHEMAS.name, ref.path[:1]) if inside else None

    def list_without(self, ref: ObjectRef) -> list[str] | None:
        """Return the names of a complete list of the contract that should have an object, and does not.

        None if the contract has no such list: it says nothing of what the object would be on, or leaves the section
        out, or there are parents of which that is so.
        """
        kind = BY_NAME[ref.kind]
        holders = [ObjectRef(name, ref.path[:-1]) for name in kind.within]
        names: list[str] = []
        known: set[ObjectRef] = set()
        waiting = [next((one for one in holders if self.declares(one)), None)]
        while waiting:
            holder = waiting.pop()
            if holder is None or not self._lists(holder, kind.section):
                return None
            known.add(holder)
            alike = [one for one in KINDS if one.section == kind.section and one.within == kind.within]
            names += [path[-1] for one in alike for path in self.contract.objects[one.name] if path[:-1] == holder.path]
            waiting += [one for one in self._parents(holder) if one not in known]
        return names if ref.path[-1] not in names else None

    def lists(self, holder: ObjectRef) -> bool:
        """Whether the contract lists what a query of a relation may name: what has a type."""
        sections = [kind.section for kind in KINDS if kind.type_of and holder.kind in kind.within]
        return all(self._lists(holder, section) for section in sections)

    def _lists(self, holder: ObjectRef, section: str) -> bool:
        entry = self.contract.objects[holder.kind].get(holder.path)
        if entry is None or entry.value is None or not isinstance(entry.node, Mapping):
            return False
        return any(key == section for key in entry.node) and not any(key == UNNAMED for key in entry.node)

    def _parents(self, holder: ObjectRef) -> list[ObjectRef]:
        refers = BY_NAME[holder.kind].refers
        model = self.models[holder.kind][holder.path]
        return [one for one in refers(model) if one.kind == holder.kind] if refers else []

    def names_like(self, named: NamedObject) -> list[str]:
        """Return the names of the declared objects in the same schema for which a name may stand."""
        return [
            named_by(path)
            for ref in named.refs
            for path, model in self.models[ref.kind].items()
            if model is not None and path[0] == ref.path[0]
        ]
