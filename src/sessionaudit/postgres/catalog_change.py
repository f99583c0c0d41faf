"""What has changed in a database between two readings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from sessionaudit.core.ref import ObjectRef
from sessionaudit.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import psycopg

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.postgres.known_rows import CatalogEvent, CatalogRow

    Rows = psycopg.Cursor[tuple[Any, ...]]


class CatalogChange(Struct, frozen=True, kw_only=True):
    """What has changed since the last reading: models after, before and after, and before.

    `rows` are those of the catalogs that were written, and `lost` those of what was dropped, each with the statement.
    """

    added: dict[ObjectRef, Any]
    changed: dict[ObjectRef, tuple[Any, Any]]
    dropped: dict[ObjectRef, Any]
    rows: Sequence[CatalogRow] = ()
    lost: Sequence[tuple[int, CatalogRow]] = ()


class SeenChange(Struct, kw_only=True):
    """What was written since the last reading, and what the triggers told; all of it, where it was read anew."""

    events: Sequence[CatalogEvent]
    rows: Sequence[CatalogRow]
    lost: Sequence[tuple[int, CatalogRow]]
    whole: CatalogChange | None = None


class FetchedChange(Struct, kw_only=True):
    """What the server answered, before it is understood: by kinds the paths that it replaces, and the rows."""

    rows: Sequence[CatalogRow]
    lost: Sequence[tuple[int, CatalogRow]]
    relations: dict[int, ObjectPath] = field(default_factory=dict[int, "ObjectPath"])
    found: dict[str, tuple[Sequence[ObjectPath], Rows | None]] = field(default_factory=dict[str, Any])
    whole: CatalogChange | None = None


def compared(
    before: Mapping[str, Mapping[ObjectPath, Any]],
    after: Mapping[str, Mapping[ObjectPath, Any]],
) -> CatalogChange:
    """The difference of all objects before and after."""
    added: dict[ObjectRef, Any] = {}
    changed: dict[ObjectRef, tuple[Any, Any]] = {}
    dropped: dict[ObjectRef, Any] = {}
    for kind in KINDS:
        old, new = before[kind.name], after[kind.name]
        added.update((ObjectRef(kind.name, path), model) for path, model in new.items() if path not in old)
        dropped.update((ObjectRef(kind.name, path), model) for path, model in old.items() if path not in new)
        changed.update(
            (ObjectRef(kind.name, path), (old[path], model))
            for path, model in new.items()
            if path in old and old[path] != model
        )
    return CatalogChange(added=added, changed=changed, dropped=dropped)
