"""The columns of its own relation that an object names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.lint import NamedObject
from sessionaudit.core.ref import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessionaudit.core.kind import ObjectPath


def columns_of(relation: ObjectPath, names: Iterable[str]) -> Iterator[NamedObject]:
    """Yield the columns of a relation with these names."""
    for name in names:
        yield NamedObject((ObjectRef("column", (*relation, name)),))


def relation_of(path: ObjectPath) -> NamedObject:
    """Return what is a relation of this name, of whichever kind."""
    kinds = ("table", "view", "materialized_view", "foreign_table")
    return NamedObject(tuple(ObjectRef(kind, path) for kind in kinds))
