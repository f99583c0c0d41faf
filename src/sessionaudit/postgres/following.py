"""Follow what a database has while it is changed: after each change, read only what may have become different.

Nobody else may change the database meanwhile. Which rows of the catalogs were written tells what is to be read again;
what was removed, an event trigger has to tell (`CatalogEvent`). A row says which relation it is about, or under which
path the object is read; what depends on an object that is printed otherwise from now on is read again, too, and so are
the families of partitions and inheriting tables. What concerns all objects, such as the privileges on a schema or the
memberships of roles, has the whole database read again.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from msgspec import Struct
from msgspec.structs import replace

from sessionaudit.core.query import constant
from sessionaudit.core.ref import ObjectRef
from sessionaudit.kinds import KINDS, RELATIONS
from sessionaudit.postgres import catalog
from sessionaudit.postgres.catalog_change import CatalogChange, FetchedChange, SeenChange, compared
from sessionaudit.postgres.known_rows import EVERY, CatalogRow, KnownRows, ReadingMarks, families, under

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from sessionaudit.core.kind import Kind, ObjectPath
    from sessionaudit.core.schema import Schema
    from sessionaudit.postgres.connection import Connection
    from sessionaudit.postgres.known_rows import CatalogEvent

    Rows = psycopg.Cursor[tuple[Any, ...]]

T = TypeVar("T")
_CHANGES = constant(Path(__file__).with_name("changes.sql").read_text(encoding="utf-8"))
_REACH = constant(Path(__file__).with_name("reach.sql").read_text(encoding="utf-8"))
_SCHEMAS = b"""
select n.nspname::text
  from pg_catalog.pg_namespace n
 where n.nspname !~ '^pg_'
   and n.nspname <> 'information_schema'
   and n.nspname <> all (%s::name[])"""
_LINKS = b"""
select coalesce(i.indrelid, h.inhrelid), coalesce(j.indrelid, h.inhparent)
  from pg_catalog.pg_inherits h
  left join pg_catalog.pg_index i on i.indexrelid = h.inhrelid
  left join pg_catalog.pg_index j on j.indexrelid = h.inhparent"""
_EXTENSIONS = b"select d.classid, d.objid from pg_catalog.pg_depend d where d.deptype = 'e'"
_CLASSES = b"select 'pg_catalog.pg_class'::pg_catalog.regclass::oid, 'pg_catalog.pg_type'::pg_catalog.regclass::oid"
# Each query is planned once, while there is little: of that PostgreSQL would read whole catalogs, and of what they have
# become, too.
_IMPATIENT, _PATIENT = (b"set lock_timeout = %d" % milliseconds for milliseconds in (5, 0))
_SETTINGS = (
    _IMPATIENT,
    *(b"set search_path = ''", b"set plan_cache_mode = force_generic_plan"),
    *(b"set jit = off", b"set enable_seqscan = off"),
)
# They are about few objects of a large catalog: PostgreSQL, which cannot know how few, would read whole catalogs to
# join them. What is on relations and read by names joins parts of its own, which have no index.
_BY_INDEXES = (b"set enable_hashjoin = off", b"set enable_mergejoin = off")
_UNLESS_NULL = "%(among)s::oid[] is null or "
# Rows of these are about objects of all sorts: of schemas what is in them, of extensions what they bring.
_OF_ALL = frozenset({"pg_namespace", "pg_extension", "pg_foreign_server"})
_TAGS_OF_ALL = ("ALTER EXTENSION", "DROP EXTENSION", "DROP SCHEMA", "ALTER OPERATOR", "ALTER LANGUAGE", "DROP SERVER")
_START = "3"  # the first transaction of every database


class CatalogFollower:
    """All objects of a database, kept up to date in `objects`, by kind's name and path.

    `whole` and `parts` are connections of a superuser in autocommit; statements are prepared on the second. Schemas in
    `without` are left out, and objects that are `hidden`.
    """

    def __init__(
        self,
        whole: Connection,
        parts: Connection,
        *,
        without: Collection[str] = (),
        hidden: Callable[[ObjectRef], bool] = lambda _ref: False,
        statement_timeout: float = 30,
    ) -> None:
        self._whole, self._parts, self._timeout = whole, parts, statement_timeout
        self._without, self._hidden = frozenset(without), hidden
        self._since, self._shared = _START, ""
        self._rows = KnownRows()
        self._relations: dict[int, tuple[str, ObjectPath]] = {}
        self._links: list[tuple[int, int]] = []
        self._schemas: list[str] = []
        self._of_extensions: frozenset[tuple[int, int]] = frozenset()
        self._under: dict[str, dict[tuple[str, ...], set[ObjectPath]]] = {}
        self.objects: dict[str, dict[ObjectPath, Any]] = {}
        parts.prepare_threshold = 0
        self._plan()
        self._read_whole()

    def follow(self, events: Sequence[CatalogEvent] = ()) -> CatalogChange:
        """Read what may have changed since the last reading. Raises DatabaseError and psycopg.Error."""
        return self.understand(self.fetch(self.look(events)))

    def again(self) -> CatalogChange:
        """Read all anew, and compare. Raises DatabaseError and psycopg.Error."""
        before = self.objects
        self._read_whole()
        return compared(before, self.objects)

    def look(self, events: Sequence[CatalogEvent] = ()) -> SeenChange:
        """See which rows were written: afterwards a transaction may begin to change the database. Raises the same."""
        rows, shared = self._written({event.oid for event in events if event.oid and not event.dropped})
        lost = [
            (event.statement, row)
            for event in events
            if event.dropped
            for row in self._rows.at((event.class_, event.oid))
            if not event.sub or row.sub == event.sub
        ]
        whole = self.again() if shared != self._shared or _concern_all(rows, events) else None
        return SeenChange(events=events, rows=rows, lost=lost, whole=whole)

    def fetch(self, seen: SeenChange, make_way: Callable[[], None] = lambda: None) -> FetchedChange:
        """Ask the server for what may have changed: afterwards the database may change on. Raises the same.

        `make_way` ends a transaction that has locked what is read.
        """
        rows, events = seen.rows, seen.events
        if seen.whole is not None:
            return FetchedChange(rows=rows, lost=seen.lost, whole=seen.whole)
        marks = ReadingMarks()
        self._rows.written(rows, self._relations, marks)
        self._rows.touched(events, marks)
        marks.remarked.update(row.oid for row in rows if row.catalog == "pg_description")
        commented = {event.oid for event in events if event.tag == "COMMENT"}
        marks.lost |= not commented <= marks.remarked
        if marks.seeds:
            seeds = sorted(marks.seeds)
            arguments = {name: [seed[place] for seed in seeds] for place, name in enumerate(("class", "oid", "sub"))}
            reached = self._unlocked(lambda: self._parts.execute(_REACH, arguments).fetchall(), make_way)
            self._rows.mark_reached(reached, marks)
        if self._links or any("pg_inherits" in found for found in marks.relations.values()):
            links = self._unlocked(lambda: self._parts.execute(_LINKS).fetchall(), make_way)
            for oid in families([*self._links, *links], marks.relations):
                marks.relation(oid, EVERY)
            self._links = links
        gone = {event.oid for event in events if event.dropped and not event.sub} & self._relations.keys()
        self._rows.remember(rows, events)
        self._rows.mark_about(marks)
        asked, relations = self._marked(marks, gone, rows)
        found = self._unlocked(lambda: self._answers(asked), make_way)
        return FetchedChange(rows=rows, lost=seen.lost, relations=relations, found=found)

    def place(self, oid: int) -> ObjectPath | None:
        """The path of a relation; None for one that is gone, or of no kind that has others on it."""
        found = self._relations.get(oid)
        return found[1] if found else None

    # What was written

    def _plan(self) -> None:
        """Have each query planned, for nothing: a plan stays what it is while the settings change."""
        for setting in _SETTINGS:
            self._parts.execute(setting)
        with self._parts.pipeline():
            for kind in KINDS:
                if kind.within and not kind.on_relation:
                    arguments = {"relation": "{}", "among": None, **catalog.by_identity(kind, ())}
                    self._parts.execute(constant(kind.query), arguments)
            for setting in _BY_INDEXES:
                self._parts.execute(setting)

    def _written(self, oids: Iterable[int]) -> tuple[list[CatalogRow], str]:
        arguments = {"since": self._since, "oids": _array(sorted(oids))}
        *rows, shared = map(CatalogRow._make, self._parts.execute(_CHANGES, arguments))
        self._since = str(shared.xid)
        return [row for row in rows if row.address not in self._of_extensions], str(shared.shape)

    def _unlocked(self, ask: Callable[[], T], make_way: Callable[[], None]) -> T:
        """Ask, and once more when what had locked something has made way."""
        try:
            return ask()
        except psycopg.errors.LockNotAvailable:
            make_way()
            self._parts.execute(_PATIENT)
            try:
                return ask()
            finally:
                self._parts.execute(_IMPATIENT)

    # Reading all

    def _read_whole(self) -> None:
        (self._rows.class_of_relations, self._rows.class_of_types), *_ = self._parts.execute(_CLASSES).fetchall()
        self._schemas = sorted(row[0] for row in self._parts.execute(_SCHEMAS, (sorted(self._without),)))
        found = catalog.read_all(
            self._whole, lambda: self._schemas, schema=lambda: "public", statement_timeout=self._timeout
        )
        self.objects = {kind.name: self._shown(kind, found) for kind in KINDS}
        kinds = {path: kind.name for kind in RELATIONS for path in self.objects[kind.name]}
        self._since = _START
        self._of_extensions = frozenset(self._parts.execute(_EXTENSIONS).fetchall())
        self._rows = _renewed(self._rows)
        rows, self._shared = self._written(())
        self._rows.remember(rows, ())
        self._relations = {
            row.oid: (kinds[path], path)
            for row in rows
            if row.catalog == "pg_class" and row.oid == row.relation and (path := tuple(row.path or ())) in kinds
        }
        self._links = self._parts.execute(_LINKS).fetchall()
        self._under = {kind.name: under(self.objects[kind.name]) for kind in KINDS}

    def _shown(self, kind: Kind[Any], found: Schema) -> dict[ObjectPath, Any]:
        models = found.objects.get(kind.name, {})
        return {path: model for path, model in models.items() if not self._hidden(ObjectRef(kind.name, path))}

    # Reading parts

    def _marked(
        self, marks: ReadingMarks, gone: Iterable[int], rows: Iterable[CatalogRow]
    ) -> tuple[dict[str, _KindReading], dict[int, ObjectPath]]:
        """What is read of each kind, and the paths of the relations that are read."""
        before = {oid: self._relations[oid] for oid in marks.relations if oid in self._relations}
        for oid in gone:
            before[oid] = self._relations.pop(oid)
        self._place(rows)
        places = {oid: self._relations[oid] for oid in marks.relations if oid in self._relations}
        asked = {kind.name: asked for kind in KINDS if (asked := self._asked(kind, marks, before, places)) is not None}
        return asked, {oid: path for oid, (_, path) in places.items()}

    def _answers(self, asked: Mapping[str, _KindReading]) -> dict[str, tuple[Sequence[ObjectPath], Rows | None]]:
        """Of each kind the paths that are read anew, and the rows."""
        listed: dict[str, Rows] = {}
        found: dict[str, tuple[Sequence[ObjectPath], Rows | None]] = {}
        with self._parts.pipeline():
            for kind in KINDS:
                if kind.name in asked and (listing := self._listing(kind, asked[kind.name])):
                    listed[kind.name] = listing
        with self._parts.pipeline():
            for kind in KINDS:
                if kind.name in asked:
                    paths = _named(listed[kind.name]) if kind.name in listed else asked[kind.name].paths
                    found[kind.name] = (asked[kind.name].old, self._query(kind, asked[kind.name], paths))
        return found

    def understand(self, fetched: FetchedChange) -> CatalogChange:
        """Make of what was fetched what has changed; in the order in which it was fetched."""
        if fetched.whole is not None:
            return replace(fetched.whole, rows=fetched.rows, lost=fetched.lost)
        change = CatalogChange(added={}, changed={}, dropped={}, rows=fetched.rows, lost=fetched.lost)
        for kind in KINDS:
            if kind.name in fetched.found:
                old, cursor = fetched.found[kind.name]
                new = catalog.load_objects(kind, cursor, fetched.relations, "public") if cursor else {}
                self._replace(kind, old, new, change)
        return change

    def _place(self, rows: Iterable[CatalogRow]) -> None:
        """Note where relations are that were made, or have another name."""
        for row in rows:
            if row.catalog == "pg_class" and row.oid == row.relation and row.path:
                kind = next((kind.name for kind in RELATIONS if row.type in kind.classes), None)
                schema = row.path[0]
                if kind and schema not in self._without and not schema.startswith("pg_"):
                    self._relations[row.oid] = (kind, tuple(row.path))

    def _asked(
        self,
        kind: Kind[Any],
        marks: ReadingMarks,
        before: Mapping[int, tuple[str, ObjectPath]],
        places: Mapping[int, tuple[str, ObjectPath]],
    ) -> _KindReading | None:
        """What is read of a kind: the relations, or the paths, and which known objects that replaces."""
        under_ = self._under[kind.name]
        catalogs = _CATALOGS[kind.name]
        if kind.on_relation or kind.within:
            holders = kind.within or (kind.name,)
            oids = {oid for oid, found in marks.relations.items() if EVERY in found or not catalogs.isdisjoint(found)}
            old = [
                path
                for oid, (_, place) in before.items()
                if oid in oids or oid not in places
                for path in under_.get(place, ())
            ]
            now = [oid for oid in sorted(oids) if oid in places and places[oid][0] in holders]
            return _KindReading(old=old, oids=now) if now or old else None
        if kind.identity[0] == "schema":
            types = [type_ for type_ in kind.classes if type_ in marks.names]
            names = {name for type_ in types for name in marks.names[type_]}
            names = {name for name in names if name[0] not in self._without and not name[0].startswith("pg_")}
            if not names:
                return None
            old = [path for name in names for path in under_.get(name, ())]
            new = (path for type_ in types for path in marks.paths[type_] if path[:2] in names)
            behind = {oid for type_ in types for oid in marks.oids[type_]}
            return _KindReading(old=old, oids=sorted(behind), paths=sorted({*old, *new}))
        old = list(self.objects[kind.name])
        if _OWN_CATALOGS[kind.name].isdisjoint(marks.catalogs):
            others = marks.lost or marks.seeds if kind.aside else not catalogs.isdisjoint(marks.catalogs)
            if not (old and others):
                return None
        elif kind.aside and not (marks.lost or marks.seeds):
            return _KindReading(old=(), oids=sorted(marks.remarked))
        return _KindReading(old=old, every=True)

    def _listing(self, kind: Kind[Any], asked: _KindReading) -> Rows | None:
        """Ask for the paths, where they cannot be known from the rows."""
        if kind.on_relation or not kind.enumerate:
            return None
        if not asked.every and _UNLESS_NULL not in kind.enumerate:
            return None
        text = kind.enumerate if asked.every else kind.enumerate.replace(_UNLESS_NULL, "false or ")
        return self._parts.execute(
            constant(text), {"schemas": self._schemas, "among": None if asked.every else list(asked.oids)}
        )

    def _query(self, kind: Kind[Any], asked: _KindReading, paths: Sequence[ObjectPath]) -> Rows | None:
        if kind.on_relation:
            return self._parts.execute(constant(kind.query), {"relation": _array(asked.oids)}) if asked.oids else None
        if not paths:
            return None
        among = None if asked.every else list(asked.oids)
        arguments = {"relation": _array(self._relations), "among": among, **catalog.by_identity(kind, paths)}
        return self._parts.execute(constant(kind.query), arguments)

    def _replace(
        self, kind: Kind[Any], old: Iterable[ObjectPath], new: Mapping[ObjectPath, Any], change: CatalogChange
    ) -> None:
        there, under_ = self.objects[kind.name], self._under[kind.name]
        for path in sorted(old):  # it may be a set
            if path not in new:
                change.dropped[ObjectRef(kind.name, path)] = there.pop(path)
                under_[path[:2]].discard(path)
        for path, model in new.items():
            ref = ObjectRef(kind.name, path)
            if self._hidden(ref):
                continue
            if path not in there:
                change.added[ref] = model
            elif there[path] != model:
                change.changed[ref] = (there[path], model)
            there[path] = model
            under_.setdefault(path[:2], set()).add(path)


class _KindReading(Struct, frozen=True, kw_only=True):
    """What is read of a kind: relations, paths or all; `old` are the known paths that it replaces."""

    old: Sequence[ObjectPath]
    oids: Sequence[int] = ()
    paths: Sequence[ObjectPath] = ()
    every: bool = False


def _named(listed: Rows) -> list[ObjectPath]:
    """The paths that are listed, without those that only say of what there is none."""
    return [path for path in listed if all(path)]


def _concern_all(rows: Iterable[CatalogRow], events: Iterable[CatalogEvent]) -> bool:
    return any(row.catalog in _OF_ALL for row in rows) or any(event.tag.startswith(_TAGS_OF_ALL) for event in events)


def _renewed(rows: KnownRows) -> KnownRows:
    fresh = KnownRows()
    fresh.class_of_relations, fresh.class_of_types = rows.class_of_relations, rows.class_of_types
    return fresh


def _array(oids: Iterable[int]) -> str:
    """An array's literal, which psycopg writes faster than a list of numbers."""
    return f"{{{','.join(map(str, oids))}}}"


_CATALOGS = {kind.name: catalog.catalogs_of(kind) for kind in KINDS}
_SHARED_BY = frozenset(
    name
    for kind in KINDS
    if kind.on_relation or kind.within or kind.identity[0] == "schema"
    for name in _CATALOGS[kind.name]
)
_OWN_CATALOGS = {name: found - _SHARED_BY for name, found in _CATALOGS.items()}
