"""Read from a database what the replayed files make: only objects of these names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.migrations.named_in import named_in
from sessionaudit.audits.migrations.rights import named_rights
from sessionaudit.core.kind import Entry
from sessionaudit.core.node import Scalar
from sessionaudit.core.schema import Named
from sessionaudit.kinds import KINDS, RELATIONS
from sessionaudit.postgres import catalog

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.audits.migrations.effects import History
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.core.schema import Schema
    from sessionaudit.postgres.connection import Connection

_RELATIONS = {kind.name for kind in RELATIONS}
_ON_RELATIONS = {kind.name for kind in KINDS if kind.on_relation and not kind.is_relation}
_NOWHERE = Scalar("")


def read(connection: Connection, history: History, *, schema: str, timeout: float) -> Schema:
    """Read the objects that the files make, change, drop or, where they are rejected, name: in one read-only snapshot.

    Raises DatabaseError.
    """
    named = _named(history, schema)
    return catalog.read(connection, lambda: named, statement_timeout=timeout)


def _named(history: History, schema: str) -> Named:
    entries: dict[str, dict[ObjectPath, Entry]] = {kind.name: {} for kind in KINDS}
    relations: dict[str, dict[ObjectPath, None]] = {name: {} for name in _RELATIONS}
    for ref in _refs(history):
        entries[ref.kind][ref.path] = Entry(ref.path, _NOWHERE, _NOWHERE)
        if ref.kind in _RELATIONS:
            relations[ref.kind][ref.path] = None
        elif ref.kind in _ON_RELATIONS:
            relations[_relation_kind(history, ref.path[:2])][ref.path[:2]] = None
    return Named(
        file="migrations",
        schema=schema,
        entries=entries,
        relations={name: [*paths] for name, paths in relations.items()},
    )


def _refs(history: History) -> Iterable[ObjectRef]:
    yield from history.steps
    for file in history.files:
        yield from named_rights(file)
        for met in file.met_existing:
            yield from met.lacking or ()
        for failure in file.failures:
            yield from named_in(failure.statement)


def _relation_kind(history: History, path: ObjectPath) -> str:
    """The kind of a relation: what it is at the end, or was before."""
    for objects in (history.final, history.base):
        for kind in RELATIONS:
            if path in objects.get(kind.name, {}):
                return kind.name
    made = (kind.name for kind in RELATIONS if any(ref.kind == kind.name and ref.path == path for ref in history.steps))
    return next(made, RELATIONS[0].name)
