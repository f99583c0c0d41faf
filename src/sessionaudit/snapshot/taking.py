"""Takes a snapshot: what a database has, and the text of the contract that says so."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from msgspec.structs import replace

from sessionaudit.audits.schema import definition
from sessionaudit.audits.schema.spellings import own_names
from sessionaudit.audits.selection import names
from sessionaudit.contract import FOR_EDITORS
from sessionaudit.core.entries import standing
from sessionaudit.core.finding import Skipped
from sessionaudit.core.kind import beside
from sessionaudit.core.node import flow, nearest
from sessionaudit.core.query import constant
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.underway import UNDERWAY
from sessionaudit.core.visible import visible, visible_page
from sessionaudit.errors import UsageError
from sessionaudit.kinds import KINDS
from sessionaudit.postgres import catalog
from sessionaudit.postgres.connection import describe, user
from sessionaudit.snapshot import arranging, page, platform, referring
from sessionaudit.snapshot.bounds import bounded
from sessionaudit.snapshot.platform import Platform
from sessionaudit.snapshot.wording import Wording
from sessionaudit.sql.text import quoted, unqualified

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sessionaudit.audits.code.usage.usage import CodePaths
    from sessionaudit.core.kind import Kind, ObjectPath
    from sessionaudit.core.report import Database
    from sessionaudit.core.schema import Schema
    from sessionaudit.postgres.connection import Connection
    from sessionaudit.snapshot.code_draft import CodeDraft

Remarks = dict[tuple[str, ...], str]
_BYTE = re.compile(r"\\udc[89a-f]")  # as Python spells one that it could not decode
_SECTIONS = {kind.name: kind.section for kind in KINDS}
_READABLE = "select pg_catalog.has_table_privilege('pg_catalog.pg_description', 'select')"
_SCHEMAS = "select n.nspname::text from pg_catalog.pg_namespace n"


class SnapshotOptions(Struct, frozen=True, kw_only=True):
    """What a call asks for: the schemas, none for all of the user's; the platform, None if it is to be recognised.

    `source` is what the database was made from, where it was made for this. With `whole` the contract also states what
    is left out of one that is kept: owners, and comments as objects. With `code` it is limited to what that uses.
    """

    schemas: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    platform: Platform | None = None
    source: str = ""
    statement_timeout: float = 30
    whole: bool = False
    code: CodePaths | None = None


class Snapshot(Struct, frozen=True, kw_only=True):
    """The text of a contract, and what it was made from.

    `unwritten` are objects that no contract can state, and `skipped` what could not be read. Of the objects `partly` no
    more is stated than is needed. `remarks` are comments, by the keys that lead to what they are about.
    Of the objects `unlisted` it does not name all that they hold. `sections` are about no object of the database.
    """

    text: str
    schema: str
    actual: Schema
    database: Database
    unwritten: tuple[ObjectRef, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    schemas: tuple[str, ...] = ()
    source: str
    partly: frozenset[ObjectRef]
    remarks: Remarks
    wording: Wording
    asides: bool = False
    unlisted: frozenset[ObjectRef] = frozenset()
    sections: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def stated(self) -> Mapping[str, Mapping[ObjectPath, Any]]:
        """What is written."""
        return _stated(self.actual.objects, self.unwritten, asides=self.asides)


def take(connection: Connection, asked: SnapshotOptions, draft: CodeDraft | None = None) -> Snapshot:
    """Read the database in one read-only snapshot, and write it down, limited to a `draft` if there is one.

    Raises DatabaseError and UsageError.
    """
    reading = _ObjectReading(connection, asked, draft)
    actual = catalog.read_all(
        connection,
        reading.choose,
        schema=lambda: reading.schema,
        statement_timeout=asked.statement_timeout,
        beyond=reading.beyond,
        beside=reading.beside,
    )
    with UNDERWAY.doing("writing the contract"):
        return _written(connection, asked, draft, reading, actual)


def _written(
    connection: Connection, asked: SnapshotOptions, draft: CodeDraft | None, reading: _ObjectReading, actual: Schema
) -> Snapshot:
    actual = replace(actual, objects=bounded(actual.objects, partial(platform.owns, reading.platform), {}))
    inside, outside = referring.divided(actual.objects, reading.elsewhere)
    selected, partly = _selected(actual.objects if draft else inside, reading.chooses)
    needed = referring.reduced(outside, selected)
    partly |= {ObjectRef(kind.name, path) for kind in KINDS if kind.is_relation for path in needed[kind.name]}
    objects = {kind: {**needed[kind], **found} for kind, found in selected.items()}
    unstatable = _undecodable(connection, objects) | _astray(objects)
    objects = {
        kind: {path: model for path, model in found.items() if ObjectRef(kind, path) not in unstatable}
        for kind, found in objects.items()
    }
    unwritten = tuple(
        ObjectRef(kind, path)
        for kind, found in objects.items()
        for path, model in found.items()
        if definition.unstated(kind, "", model)
    )
    kept = _stated(objects, unwritten, asides=asked.whole)
    if not any(kept[kind.name] for kind in KINDS if kind.name in kept and not kind.is_schema and not kind.belongs_to):
        raise _nothing_used() if draft and not asked.only else _nothing(reading.schemas, asked.only)
    wording = Wording(reading.schema, reading.own_names, whole=asked.whole)
    unlisted = draft.unlisted(kept) - partly if draft else frozenset[ObjectRef]()
    sections = arranging.arranged(kept, partly, reading.schema, wording.said, unlisted)
    database = describe(connection)
    source = asked.source or f"the database {dotted((database.name,))}"
    remarks = _remarks(reading, kept)
    for keys, text in draft.remarks(kept, reading.schema) if draft else ():
        remarks[keys] = f"{remarks[keys]}\n{text}" if keys in remarks else text
    others = draft.sections() if draft else {}
    text = page_of(title(source, "sessionaudit snapshot"), {**sections, **others}, remarks, reading.schema)
    return Snapshot(
        text=text,
        schema=reading.schema,
        actual=replace(actual, objects=objects),
        database=database,
        unwritten=(*sorted(unstatable), *unwritten),
        skipped=_once(*actual.skipped, *reading.skipped),
        schemas=reading.schemas,
        source=source,
        partly=frozenset(partly),
        remarks=remarks,
        wording=wording,
        asides=asked.whole,
        unlisted=unlisted,
        sections=others,
    )


def _stated(
    objects: Mapping[str, Mapping[ObjectPath, Any]], unwritten: Sequence[ObjectRef], *, asides: bool
) -> dict[str, dict[ObjectPath, Any]]:
    """The objects that the contract states; remarks on others are stated only with `asides`."""
    refs = {(ref.kind, ref.path) for ref in unwritten}
    refs |= {(kind.name, path) for kind in KINDS if kind.aside and not asides for path in objects.get(kind.name, ())}
    return {
        kind: {path: model for path, model in found.items() if (kind, path) not in refs}
        for kind, found in objects.items()
    }


def _once(*skipped: Skipped) -> tuple[Skipped, ...]:
    return tuple({one.what: one for one in reversed(skipped)}.values())[::-1]


def _undecodable(connection: Connection, objects: Mapping[str, Mapping[ObjectPath, Any]]) -> frozenset[ObjectRef]:
    """What has a byte that is no UTF-8, which a file in UTF-8 cannot hold, with what holds it and all in that."""
    if connection.info.parameter_status("server_encoding") != "SQL_ASCII":
        return frozenset()
    around = {
        path[:-1] if kind.within else path
        for kind in KINDS
        for path, model in objects.get(kind.name, {}).items()
        if _BYTE.search(repr((path, model)))
    }
    return frozenset(
        ObjectRef(kind.name, path)
        for kind in KINDS
        for path in objects.get(kind.name, {})
        if path in around or (kind.within and path[:-1] in around)
    )


def _astray(objects: Mapping[str, Mapping[ObjectPath, Any]]) -> frozenset[ObjectRef]:
    """What is on something that has no place for it in a contract, as privileges are on a foreign table."""
    return frozenset(
        ObjectRef(kind.name, path)
        for kind in KINDS
        if kind.within
        for path in objects.get(kind.name, {})
        if not any(path[:-1] in objects.get(holder, {}) for holder in kind.within)
    )


class NothingError(UsageError):
    """The database has no objects."""


def _nothing(schemas: Sequence[str], only: Sequence[str]) -> UsageError:
    if only:
        return UsageError(f"--only {' --only '.join(only)} names nothing", hint="Quote a glob: --only 'public.order*'.")
    listed = ", ".join(dotted((schema,)) for schema in schemas) or "of the user"
    where = f"the schema {listed} has" if len(schemas) == 1 else f"the schemas {listed} have"
    return NothingError(
        f"there is nothing to write: {where} no objects", hint="Is this the right database? --schema names others."
    )


def _nothing_used() -> UsageError:
    return NothingError(
        "there is nothing to write: the code uses nothing that the database has",
        hint="Is this the right database, and the right code? `sessionaudit scan` tells what it finds.",
    )


class _ObjectReading:
    """What is read in the snapshot beside the objects."""

    def __init__(self, connection: Connection, asked: SnapshotOptions, draft: CodeDraft | None) -> None:
        self._connection, self._asked, self._draft = connection, asked, draft
        self.schemas: tuple[str, ...] = ()
        self.platform = Platform.none
        self.own_names: frozenset[str] = frozenset()
        self.elsewhere: tuple[ObjectPath, ...] = ()
        self.skipped: tuple[Skipped, ...] = ()
        self.comments: list[tuple[str, str, str, str]] = []

    @property
    def schema(self) -> str:
        """The schema whose name need not be spelled."""
        return self.schemas[0] if self.schemas else "public"

    def choose(self) -> Sequence[str]:
        """The schemas that were asked for, or all of the user's. Raises UsageError."""
        self.platform = self._asked.platform or platform.recognised(self._connection)
        found = platform.schemas_of_user(self._connection, self.platform)
        if self._asked.schemas:
            every = [
                row[0] for row in self._connection.execute("select n.nspname::text from pg_catalog.pg_namespace n")
            ]
            for one in self._asked.schemas:
                if one not in every:
                    raise UsageError(f"the schema {dotted((one,))} does not exist", hint=nearest(one, found))
            others = found if self._draft else ()
            found = list(dict.fromkeys((*self._asked.schemas, *others)))
        self.schemas = tuple(found)
        return self.schemas

    def beyond(self, found: Schema) -> Sequence[ObjectPath]:
        """The relations of other schemas to which what was asked for refers."""
        selected, _ = _selected(found.objects, self.chooses)
        self.elsewhere = referring.elsewhere(selected, found.objects)
        if self._draft:  # of the platform's own
            named = (path for path in self._draft.relations if path[0] not in self.schemas)
            self.elsewhere = tuple(sorted({*self.elsewhere, *named}))
        return self.elsewhere

    @property
    def chooses(self) -> Callable[[Kind[Any], ObjectRef], bool] | None:
        """What tells of an object whether it is asked for; None if all are."""
        only, draft, schema = self._asked.only, self._draft, self.schema
        if not only and draft is None:
            return None

        def chosen(kind: Kind[Any], ref: ObjectRef) -> bool:
            named = not only or any(names(glob, ref, schema) for glob in only)
            return named and (draft is None or draft.names(kind, ref))

        return chosen

    def beside(self) -> None:
        """Read the comments, and the names that PostgreSQL has itself."""
        self.own_names = own_names(self._connection)
        if self._connection.execute(_READABLE).fetchone() != (True,):
            role = user(self._connection)
            self.skipped = (
                Skipped(
                    "comments",
                    f"the role {role} may not read pg_catalog.pg_description",
                    f"grant select on pg_catalog.pg_description to {quoted(role)};",
                ),
            )
            return
        query = constant(beside(__file__, "comments.sql"))
        self.comments = self._connection.execute(query, {"schemas": list(self.schemas)}).fetchall()


def _selected(
    objects: Mapping[str, Mapping[ObjectPath, Any]], chosen: Callable[[Kind[Any], ObjectRef], bool] | None
) -> tuple[Mapping[str, Mapping[ObjectPath, Any]], set[ObjectRef]]:
    """What is chosen, with what holds it, and of what only a part is chosen."""
    if chosen is None:
        return objects, set()
    kept: dict[str, dict[ObjectPath, Any]] = {kind: {} for kind in objects}
    partly: set[ObjectRef] = set()
    for kind in reversed(KINDS):
        for path, model in objects.get(kind.name, {}).items():
            ref = ObjectRef(kind.name, path)
            named = chosen(kind, ref)
            if path in kept[kind.name] and not named:
                partly.add(ref)
            if path in kept[kind.name] or named:
                kept[kind.name][path] = model
                holder = kind.holder(path, lambda one: one.path in objects.get(one.kind, {}))
                if holder is not None and holder.path in objects.get(holder.kind, {}):
                    kept[holder.kind][holder.path] = objects[holder.kind][holder.path]
    found = {kind: {path: model for path, model in objects[kind].items() if path in kept[kind]} for kind in objects}
    return found, partly


def _remarks(reading: _ObjectReading, objects: Mapping[str, Mapping[ObjectPath, Any]]) -> Remarks:
    """The comments of the database, by the keys under which their objects stand in the contract."""
    found: Remarks = {}
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


def title(source: str, command: str) -> tuple[str, ...]:
    """The remarks that the main file of a contract begins with."""
    return (
        f"# Made from {visible(source)} by {command}.",
        "# What is not named here is not judged.",
        FOR_EDITORS,
        "",
    )


def page_of(title: Sequence[str], sections: Mapping[str, Any], remarks: Remarks, schema: str) -> str:
    """The text of a file of a contract."""
    head = (*title, "version: 1", f"schema: {flow(standing(schema))}")
    return "\n".join((*head, *page.lines(sections, remarks))) + "\n"
