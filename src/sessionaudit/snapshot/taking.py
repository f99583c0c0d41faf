"""Takes a snapshot: what a database has, and the text of the contract that says so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from sessionaudit.audits.schema import definition
from sessionaudit.audits.schema.spellings import own_names
from sessionaudit.audits.selection import names
from sessionaudit.core.entries import standing
from sessionaudit.core.node import flow, nearest
from sessionaudit.core.query import constant
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.visible import visible, visible_page
from sessionaudit.errors import UsageError
from sessionaudit.kinds import KINDS
from sessionaudit.postgres import catalog
from sessionaudit.postgres.connection import describe
from sessionaudit.snapshot import arranging, page, platform
from sessionaudit.snapshot.wording import Wording
from sessionaudit.sql.text import unqualified

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sessionaudit.core.finding import Skipped
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.report import Database
    from sessionaudit.core.schema import Schema
    from sessionaudit.postgres.connection import Connection
    from sessionaudit.snapshot.platform import Platform

_SECTIONS = {kind.name: kind.section for kind in KINDS}
_SCHEMAS = "select n.nspname::text from pg_catalog.pg_namespace n"
_HERE = files("sessionaudit.snapshot")


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotOptions:
    """What a call asks for: the schemas, none for all of the user's; the platform, None if it is to be recognised."""

    schemas: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    platform: Platform | None = None
    statement_timeout: float = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The text of a contract, and what it was made from.

    `unwritten` are objects that no contract can state, and `skipped` what could not be read.
    """

    text: str
    schema: str
    actual: Schema
    database: Database
    unwritten: tuple[ObjectRef, ...] = ()
    skipped: tuple[Skipped, ...] = ()

    @property
    def stated(self) -> Mapping[str, Mapping[ObjectPath, Any]]:
        """What is written."""
        return _without(self.actual.objects, self.unwritten)


def take(connection: Connection, asked: SnapshotOptions) -> Snapshot:
    """Read the database in one read-only snapshot, and write it down. Raises DatabaseError and UsageError."""
    reading = _ObjectReading(connection, asked)
    actual = catalog.read_all(
        connection,
        reading.choose,
        schema=lambda: reading.schema,
        statement_timeout=asked.statement_timeout,
        beside=reading.beside,
    )
    objects = _selected(actual.objects, asked.only, reading.schema)
    unwritten = tuple(
        ObjectRef(kind, path)
        for kind, found in objects.items()
        for path, model in found.items()
        if definition.unstated(kind, "", model)
    )
    kept = _without(objects, unwritten)
    if not any(kept.values()):
        raise _nothing(reading.schemas, asked.only)
    wording = Wording(reading.schema, reading.own_names)
    sections = arranging.arranged(arranging.own(kept), reading.schema, wording.said)
    database = describe(connection)
    text = _text(sections, _remarks(reading, kept), reading.schema, database.name)
    return Snapshot(
        text=text,
        schema=reading.schema,
        actual=replace(actual, objects=objects),
        database=database,
        unwritten=unwritten,
        skipped=actual.skipped,
    )


def _without(
    objects: Mapping[str, Mapping[ObjectPath, Any]], left_out: Sequence[ObjectRef]
) -> dict[str, dict[ObjectPath, Any]]:
    refs = {(ref.kind, ref.path) for ref in left_out}
    return {
        kind: {path: model for path, model in found.items() if (kind, path) not in refs}
        for kind, found in objects.items()
    }


def _nothing(schemas: Sequence[str], only: Sequence[str]) -> UsageError:
    if only:
        return UsageError(f"--only {' --only '.join(only)} names nothing", hint="Quote a glob: --only 'public.order*'.")
    listed = ", ".join(dotted((schema,)) for schema in schemas) or "of the user"
    where = f"the schema {listed} has" if len(schemas) == 1 else f"the schemas {listed} have"
    return UsageError(
        f"there is nothing to write: {where} no objects", hint="Is this the right database? --schema names others."
    )


class _ObjectReading:
    """What is read in the snapshot beside the objects."""

    def __init__(self, connection: Connection, asked: SnapshotOptions) -> None:
        self._connection, self._asked = connection, asked
        self.schemas: tuple[str, ...] = ()
        self.own_names: frozenset[str] = frozenset()
        self.comments: list[tuple[str, str, str, str]] = []

    @property
    def schema(self) -> str:
        """The schema whose name need not be spelled."""
        return self.schemas[0] if self.schemas else "public"

    def choose(self) -> Sequence[str]:
        """The schemas that were asked for, or all of the user's. Raises UsageError."""
        of_platform = platform.schemas(self._asked.platform or platform.recognised(self._connection))
        query = constant(_HERE.joinpath("schemas.sql").read_text(encoding="utf-8"))
        found = [row[0] for row in self._connection.execute(query, {"platform": list(of_platform)})]
        if self._asked.schemas:
            every = [
                row[0] for row in self._connection.execute("select n.nspname::text from pg_catalog.pg_namespace n")
            ]
            for one in self._asked.schemas:
                if one not in every:
                    raise UsageError(f"the schema {dotted((one,))} does not exist", hint=nearest(one, found))
            found = list(dict.fromkeys(self._asked.schemas))
        self.schemas = tuple(found)
        return self.schemas

    def beside(self) -> None:
        """Read the comments, and the names that PostgreSQL has itself."""
        query = constant(_HERE.joinpath("comments.sql").read_text(encoding="utf-8"))
        self.comments = self._connection.execute(query, {"schemas": list(self.schemas)}).fetchall()
        self.own_names = own_names(self._connection)


def _selected(
    objects: Mapping[str, Mapping[ObjectPath, Any]], only: Sequence[str], schema: str
) -> Mapping[str, Mapping[ObjectPath, Any]]:
    """What the globs name, with what holds it."""
    if not only:
        return objects
    kept: dict[str, dict[ObjectPath, Any]] = {kind: {} for kind in objects}
    for kind in reversed(KINDS):
        for path, model in objects.get(kind.name, {}).items():
            ref = ObjectRef(kind.name, path)
            if path in kept[kind.name] or any(names(glob, ref, schema) for glob in only):
                kept[kind.name][path] = model
                holder = kind.holder(path, lambda one: one.path in objects.get(one.kind, {}))
                if holder is not None and holder.path in objects.get(holder.kind, {}):
                    kept[holder.kind][holder.path] = objects[holder.kind][holder.path]
    return {kind: {path: model for path, model in objects[kind].items() if path in kept[kind]} for kind in objects}


def _remarks(reading: _ObjectReading, objects: Mapping[str, Mapping[ObjectPath, Any]]) -> dict[tuple[str, ...], str]:
    """The comments of the database, by the keys under which their objects stand in the contract."""
    found: dict[tuple[str, ...], str] = {}
    for schema, name, part, comment in reading.comments:
        path = (schema, name, part) if part else (schema, name)
        kind = next((one for one in KINDS if path in objects.get(one.name, {})), None)
        if kind is None:
            continue
        holder = kind.holder(path, lambda one: one.path in objects.get(one.kind, {}))
        key = unqualified(dotted((schema, name)), reading.schema)
        at = (_SECTIONS[holder.kind], key, kind.section, standing(part)) if holder else (kind.section, key)
        found[at] = visible_page(comment)
    return found


def _text(sections: Mapping[str, Any], remarks: Mapping[tuple[str, ...], str], schema: str, database: str) -> str:
    head = (
        "# yaml-language-server: $schema=schemas/expected_schema.schema.json",
        "#",
        f"# Made from the database {visible(dotted((database,)))} by sessionaudit snapshot.",
        "# What is not named here is not judged.",
        "",
        "version: 1",
        f"schema: {flow(standing(schema))}",
    )
    return "\n".join((*head, *page.lines(sections, remarks))) + "\n"
