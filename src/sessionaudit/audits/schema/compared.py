"""Tell which objects of a contract were compared with those of the database. Names no kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.ref import ObjectRef, Spelled
from sessionaudit.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.contract.model import Contract
    from sessionaudit.core.kind import Kind, ObjectPath
    from sessionaudit.core.schema import Schema


def compared(contract: Contract, actual: Schema) -> Iterator[ObjectRef]:
    """Return the objects of the contract that were compared.

    Those are left out whose catalog could not be read, and those in or on what does not exist or is of another type.
    """
    lost: set[tuple[str, ObjectPath]] = set()
    for kind in sorted(KINDS, key=lambda kind: bool(kind.within)):  # what holds others comes before these
        present = actual.objects.get(kind.name)
        if present is None:
            continue
        for path, entry in contract.objects[kind.name].items():
            if any((name, path[:-1]) in lost for name in kind.within) or not _in_a_schema(kind, path, actual):
                continue
            yield ObjectRef(kind.name, path)
            found = present.get(path)
            if entry.value is not None and (found is None or (kind.apart and kind.apart(entry.value, found))):
                lost.add((kind.name, path))


def _in_a_schema(kind: Kind[Any], path: ObjectPath, actual: Schema) -> bool:
    """Whether the schema of an object exists; that of an object which is in none does not matter."""
    if kind.is_schema or "schema" not in kind.path or kind.within:
        return True
    schema = path[kind.path.index("schema")]
    return isinstance(schema, Spelled) or schema in actual.schemas
