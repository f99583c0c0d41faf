"""Keep which rows of the catalogs there are, and say what is to be read again once some were written or dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sessionaudit.core.kind import ObjectPath

EVERY = "*"  # in place of a catalog: all of them
_ONLY_ITS_OWN = "\x01"  # before what only the object itself is told by
_KEY_OF_TABLE = " p"  # how the shape of a primary key's row ends

Address = tuple[int, int]


class CatalogEvent(NamedTuple):
    """What an event trigger tells of one object: with which command it was touched, or that it was dropped.

    `oid` is 0 where it does not say which. `statement` is the number of the statement that did it, -1 for an unknown
    one.
    """

    statement: int
    tag: str
    class_: int
    oid: int
    sub: int
    dropped: bool


class CatalogRow(NamedTuple):
    """A row of a catalog, as `changes.sql` has it. `xid` and `command` say which statement wrote it last."""

    catalog: str
    class_: int
    oid: int
    sub: int
    xid: int
    command: int
    relation: int | None
    others: list[int] | None
    type: str
    path: list[str] | None
    shape: str | None

    @property
    def address(self) -> Address:
        """The class and the oid of what the row is about."""
        return self.class_, self.oid

    @property
    def plate(self) -> str:
        """What others are printed with: the shape, without what only the object itself is told by."""
        before, found, after = (self.shape or "").rpartition(_ONLY_ITS_OWN)
        return before if found else after


class ReadingMarks(Struct):
    """What is to be read again: relations by the catalogs whose rows differ, paths by types, and catalogs.

    `seeds` are objects that others are printed with, and `oids` those behind the paths. A comment was written on those
    that are `remarked`, and something is `lost` with which a comment may be.
    """

    relations: dict[int, set[str]] = field(default_factory=dict[int, set[str]])
    names: dict[str, set[tuple[str, str]]] = field(default_factory=dict[str, set[tuple[str, str]]])
    paths: dict[str, set[tuple[str, ...]]] = field(default_factory=dict[str, set[tuple[str, ...]]])
    oids: dict[str, set[int]] = field(default_factory=dict[str, set[int]])
    catalogs: set[str] = field(default_factory=set[str])
    seeds: set[tuple[int, int, int]] = field(default_factory=set[tuple[int, int, int]])
    remarked: set[int] = field(default_factory=set[int])
    lost: bool = False

    def relation(self, oid: int | None, catalog: str) -> None:
        """Mark a relation, if there is one."""
        if oid:
            self.relations.setdefault(oid, set()).add(catalog)

    def row(self, row: CatalogRow, catalog: str) -> None:
        """Mark all that a row is about."""
        for oid in (row.relation, *(row.others or ())):
            self.relation(oid, catalog)
        self.path(row)

    def path(self, row: CatalogRow) -> None:
        """Mark the path of an object that is read by it."""
        if row.type and row.path and len(row.path) > 1:
            self.names.setdefault(row.type, set()).add((row.path[0], row.path[1]))
            self.paths.setdefault(row.type, set()).add(tuple(row.path))
            self.oids.setdefault(row.type, set()).add(row.oid)


class KnownRows:
    """The rows of the catalogs that are about objects of users, but for those that tell who inherits from whom."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, int, int, int], CatalogRow] = {}
        self._at: dict[Address, set[tuple[str, int, int, int]]] = {}
        self._about: dict[int, set[tuple[str, int, int, int]]] = {}
        self.class_of_relations = self.class_of_types = 0

    def written(self, rows: Iterable[CatalogRow], known: Iterable[int], marks: ReadingMarks) -> None:
        """Mark what rows that were written are about; `known` are the relations that were there before."""
        there = frozenset(known)
        for row in rows:
            before = self._rows.get((row.catalog, row.class_, row.oid, row.sub))
            if before and row.catalog == "pg_class" and (before.shape, before.relation) == (row.shape, row.relation):
                continue  # PostgreSQL notes here, too, that there is an index, or a trigger
            marks.catalogs.add(row.catalog)
            marks.row(row, row.catalog)
            if before:
                marks.row(before, row.catalog)
            if row.relation in there:
                self._printed_with(row, marks, new=before is None)
            if before and row.shape is not None and before.plate != row.plate:
                marks.seeds.add((row.class_, row.oid, row.sub))
                marks.row(row, EVERY)

    def touched(self, events: Iterable[CatalogEvent], marks: ReadingMarks) -> None:
        """Mark what was dropped, and what may have lost something of which no trigger tells."""
        for event in events:
            if not event.dropped:
                if event.class_ == self.class_of_relations:
                    marks.relation(event.oid, "pg_inherits")
                elif event.class_ == self.class_of_types and self._at.get((event.class_, event.oid)):
                    marks.seeds.add((event.class_, event.oid, 0))
                continue
            marks.lost = True
            for row in self.at((event.class_, event.oid)):
                if not event.sub or row.sub == event.sub:
                    marks.catalogs.add(row.catalog)
                    marks.row(row, row.catalog)
                    self._printed_with(row, marks, new=True)

    def _printed_with(self, row: CatalogRow, marks: ReadingMarks, *, new: bool) -> None:
        """Note a default, a key or a rule that was made or removed: what depends on its relation may tell of it."""
        if row.catalog == "pg_attrdef":
            marks.seeds.add((self.class_of_relations, row.relation or 0, row.sub))
        elif row.catalog == "pg_rewrite" or (new and (row.shape or "").endswith(_KEY_OF_TABLE)):
            marks.seeds.add((self.class_of_relations, row.relation or 0, 0))

    def mark_reached(self, addresses: Iterable[Address], marks: ReadingMarks) -> None:
        """Mark objects that are printed otherwise."""
        for address in addresses:
            if address[0] == self.class_of_relations:
                marks.relation(address[1], EVERY)
            for row in self.at(address):
                marks.relation(row.relation, EVERY)
                marks.path(row)

    def mark_about(self, marks: ReadingMarks) -> None:
        """Mark what belongs to the marked relations, and is read by a path of its own."""
        for oid in tuple(marks.relations):
            for key in self._about.get(oid, ()):
                marks.path(self._rows[key])

    def at(self, address: Address) -> Iterator[CatalogRow]:
        """The rows about an object."""
        return (self._rows[key] for key in tuple(self._at.get(address, ())))

    def remember(self, rows: Sequence[CatalogRow], events: Iterable[CatalogEvent]) -> None:
        """Take note of what was written and dropped."""
        for event in events:
            if event.dropped:
                for row in self.at((event.class_, event.oid)):
                    if not event.sub or row.sub == event.sub:
                        self._forget(row)
        for row in rows:
            key = (row.catalog, row.class_, row.oid, row.sub)
            if before := self._rows.get(key):
                self._forget(before)
            self._rows[key] = row
            self._at.setdefault(row.address, set()).add(key)
            if row.relation and row.type:
                self._about.setdefault(row.relation, set()).add(key)

    def _forget(self, row: CatalogRow) -> None:
        key = (row.catalog, row.class_, row.oid, row.sub)
        del self._rows[key]
        self._at[row.address].discard(key)
        if row.relation and row.type:
            self._about[row.relation].discard(key)


def families(links: Iterable[tuple[int, int]], of: Iterable[int]) -> set[int]:
    """The relations that inherit from some others, or are inherited from, at any distance; both ends of each link."""
    near: dict[int, set[int]] = {}
    for one, other in links:
        near.setdefault(one, set()).add(other)
        near.setdefault(other, set()).add(one)
    found: set[int] = set()
    open_ = [oid for oid in of if oid in near]
    while open_:
        oid = open_.pop()
        if oid not in found:
            found.add(oid)
            open_ += near[oid]
    return found


def under(paths: Iterable[ObjectPath]) -> dict[tuple[str, ...], set[ObjectPath]]:
    """Paths by their first two parts."""
    found: dict[tuple[str, ...], set[ObjectPath]] = {}
    for path in paths:
        found.setdefault(path[:2], set()).add(path)
    return found
