"""Undo one batch: delete, restore or re-insert its rows, if they have not been changed since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct, field

from sessionaudit.audits.data.keys import Type, keyed
from sessionaudit.backfill.references import children
from sessionaudit.backfill.row_changes import Did
from sessionaudit.core.query import constant, spelled
from sessionaudit.core.ref import dotted
from sessionaudit.sql.text import identifier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sessionaudit.audits.data.keys import Keyed
    from sessionaudit.backfill.journal.reading import JournalBatch
    from sessionaudit.backfill.row_changes import RowChange
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.postgres.connection import Connection

_ORDER = (Did.DELETED, Did.UPDATED, Did.INSERTED)
_SYSTEM = {"xmin"}  # the row version that a change found; it cannot be set
_SEVERAL = "exists more than once, in tables that inherit from it"
_WRITTEN = """
select a.attname::text, pg_catalog.format('%I.%I', tn.nspname, t.typname), t.typcategory in ('A', 'C'),
       a.attgenerated <> ''
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_class c on c.oid = a.attrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_type t on t.oid = a.atttypid
  join pg_catalog.pg_namespace tn on tn.oid = t.typnamespace
 where n.nspname = %(schema)s and c.relname = %(name)s and a.attnum > 0 and not a.attisdropped"""


class Tally(Struct):
    """How many rows of a table were deleted, restored, re-inserted, already gone, and refused."""

    deleted: int = 0
    restored: int = 0
    returned: int = 0
    gone: int = 0
    refused: int = 0

    def add(self, other: Tally) -> None:
        """Add the counts of another tally."""
        self.deleted += other.deleted
        self.restored += other.restored
        self.returned += other.returned
        self.gone += other.gone
        self.refused += other.refused

    @property
    def changed(self) -> int:
        """The number of rows that were changed."""
        return self.deleted + self.restored + self.returned


class Restored(Struct):
    """The result of a batch: the tallies of the tables, and by position in `made` why rows were refused."""

    tables: dict[ObjectPath, Tally] = field(default_factory=dict["ObjectPath", Tally])
    refused: dict[int, str] = field(default_factory=dict[int, str])

    def of(self, table: ObjectPath) -> Tally:
        """The tally of a table."""
        return self.tables.setdefault(table, Tally())


class _Row(NamedTuple):
    """A row of a batch: its key, its positions in the batch, and its columns before the batch."""

    key: str
    places: tuple[int, ...]
    was: dict[str, str | None]


class _Column(NamedTuple):
    type: Type
    generated: bool


class Restoring(Struct):
    """Undoes a batch, in an open transaction.

    `changed` tells from a row's version why it is not as the batch left it, "" if it is; the version is None if the row
    is gone. `wrote` is called with the versions of restored rows. `take_back` raises psycopg.Error if constraints or
    triggers refuse.
    """

    connection: Connection
    entry: JournalBatch
    changed: Callable[[ObjectPath, str, int | None], str]
    wrote: Callable[[int], None]
    _came: Restored = field(default_factory=Restored)

    def take_back(self, places: Iterable[int]) -> Restored:
        """Undo the rows at some positions of the batch; return the tallies and the refused rows."""
        self._came = Restored()
        for (path, did), rows in _groups(self.entry.made, places):
            table = keyed(self.connection, path)
            if table is None:
                self._refuse(path, rows, "is in a table that does not exist, or has no primary key of one column")
            elif did is Did.DELETED:
                self._bring_back(table, rows)
            elif did is Did.UPDATED:
                self._set_back(table, rows)
            else:
                self._delete(table, rows)
        self.connection.execute("set constraints all immediate")
        return self._came

    def _refuse(self, path: ObjectPath, rows: Iterable[_Row], reason: str) -> None:
        for row in rows:
            self._came.of(path).refused += 1
            for place in row.places:
                self._came.refused[place] = f"{dotted(path)} {row.key} {reason}"

    def _found(self, table: Keyed, rows: Sequence[_Row], *, lock: bool = True) -> dict[int, int]:
        """Return the versions of the rows that exist, by their positions in `rows`.

        The version is -1 if a key exists more than once, in tables that inherit: it is unknown which row was meant.
        """
        asked = (
            f"select w.n - 1, t.xmin::text::bigint from {table.given()} join {identifier(*table.path)} as t"
            f" on {table.matches('t')} order by t.{identifier(table.column)}{' for update of t' if lock else ''}"
        )
        found: dict[int, int] = {}
        for place, version in self._run(asked, rows):
            found[place] = -1 if place in found else version
        return found

    def _run(self, asked: str, rows: Sequence[_Row], **more: Any) -> list[Any]:
        return self.connection.execute(spelled(asked), {"rows": [row.key for row in rows], **more}).fetchall()

    def _as_left(self, table: Keyed, rows: list[_Row]) -> list[_Row]:
        """Lock the rows; return those that exist and were not changed."""
        found = self._found(table, rows)
        several = {place for place, version in found.items() if version < 0}
        self._refuse(table.path, (rows[place] for place in sorted(several)), _SEVERAL)
        same: list[_Row] = []
        for place, row in enumerate(rows):
            if place in several:
                continue
            if why := self.changed(table.path, row.key, found.get(place)):
                self._refuse(table.path, [row], why)
            elif place in found:
                same.append(row)
            else:
                self._came.of(table.path).gone += 1
        return same

    def _childless(self, table: Keyed, rows: list[_Row], changed: Iterable[str] | None = None) -> list[_Row]:
        columns = None if changed is None else tuple(changed)
        found = children(self.connection, table.path, [row.key for row in rows], changed=columns)
        for row in rows:
            if some := found.get(row.key):
                more = "" if len(some) == 1 else f"; so do {', '.join(_named(some[1:]))}"
                self._refuse(table.path, [row], f"cannot be undone: {some[0]}{more}")
        return [row for row in rows if row.key not in found]

    def _delete(self, table: Keyed, rows: list[_Row]) -> None:
        rows = self._childless(table, self._as_left(table, rows))
        if not rows:
            return
        delete = (
            f"delete from {identifier(*table.path)} as t using {table.given()}"
            f" where {table.matches('t')} returning w.n - 1"
        )
        gone = {place for (place,) in self._run(delete, rows)}
        self._came.of(table.path).deleted += len(gone)
        self._kept(table, rows, gone)

    def _kept(self, table: Keyed, rows: Sequence[_Row], done: set[int]) -> None:
        left = [row for place, row in enumerate(rows) if place not in done]
        self._refuse(table.path, left, "was kept by a trigger or a rule of the table")

    def _set_back(self, table: Keyed, rows: list[_Row]) -> None:
        known = [row for row in rows if row.was]
        self._refuse(
            table.path,
            (row for row in rows if not row.was),
            "cannot be restored: the journal does not hold its old values",
        )
        columns = self._columns(table)
        known = [_changed(row, table.column) for row in known]
        for names, some in _shapes(self._as_left(table, known)).items():
            if not names:  # the update changed nothing
                self._came.of(table.path).restored += len(some)
                self._note(table, some)
            elif unknown := [name for name in names if name not in columns]:
                self._refuse(table.path, some, f"had a column {dotted((unknown[0],))}, which no longer exists")
            else:
                self._write(table, some, {name: columns[name] for name in names})

    def _write(self, table: Keyed, rows: list[_Row], columns: dict[str, _Column]) -> None:
        written = {name: column.type for name, column in columns.items() if not column.generated}
        left = self._childless(table, rows, written)
        if left and written:
            self._update(table, left, written)

    def _update(self, table: Keyed, rows: list[_Row], columns: dict[str, Type]) -> None:
        source, values = _given(table, columns)
        setting = ", ".join(
            f"{identifier(name)} = {type_.value(f'w.c{index}')}" for index, (name, type_) in enumerate(columns.items())
        )
        update = (
            f"update {identifier(*table.path)} as t set {setting} from {source}"
            f" where {table.matches('t')} returning w.n - 1"
        )
        done: set[int] = {place for (place,) in self._run(update, rows, **values(rows))}
        self._came.of(table.path).restored += len(done)
        self._kept(table, rows, done)
        self._note(table, [rows[place] for place in done])

    def _bring_back(self, table: Keyed, rows: list[_Row]) -> None:
        """Insert rows that were deleted, if their keys are free, with the columns that still exist."""
        taken = self._found(table, rows, lock=False)
        self._refuse(table.path, (rows[place] for place in sorted(taken)), "exists again: its key is in use")
        columns = self._columns(table)
        for names, some in _shapes([row for place, row in enumerate(rows) if place not in taken]).items():
            if unknown := [name for name in names if name not in columns]:
                self._refuse(table.path, some, f"had a column {dotted((unknown[0],))}, which no longer exists")
            elif table.column not in names:
                self._refuse(table.path, some, "cannot be re-inserted: the journal does not hold its values")
            else:
                self._insert(table, some, {n: columns[n].type for n in names if not columns[n].generated})

    def _insert(self, table: Keyed, rows: list[_Row], columns: dict[str, Type]) -> None:
        source, values = _given(table, columns)
        names = ", ".join(map(identifier, columns))
        chosen = ", ".join(type_.value(f"w.c{index}") for index, type_ in enumerate(columns.values()))
        key = identifier(table.column)
        # A row that took the key, or another unique value, in the meantime keeps it.
        insert = (
            f"insert into {identifier(*table.path)} as t ({names}) overriding system value"
            f" select {chosen} from {source} on conflict do nothing returning t.{key}::text"
        )
        back = [key for (key,) in self._run(insert, rows, **values(rows))]
        same = f"{table.type.source('back')} as b (row)"
        found = f"select w.n - 1 from {table.given()} join {same} on {table.type.value('w.row')} {table.equal} "
        done: set[int] = {place for (place,) in self._run(found + table.type.value("b.row"), rows, back=back)}
        self._came.of(table.path).returned += len(done)
        left = [row for place, row in enumerate(rows) if place not in done]
        self._refuse(table.path, left, "cannot be re-inserted: its key, or another unique value, is in use")
        self._note(table, [rows[place] for place in done])

    def _note(self, table: Keyed, rows: Sequence[_Row]) -> None:
        for version in set(self._found(table, rows, lock=False).values()) if rows else ():
            self.wrote(version)

    def _columns(self, table: Keyed) -> dict[str, _Column]:
        schema, name = table.path
        found = self.connection.execute(constant(_WRITTEN), {"schema": schema, "name": name})
        return {column: _Column(Type(type_, parted), generated) for column, type_, parted, generated in found}


def _named(some: Iterable[Any]) -> Iterable[str]:
    return (f"{dotted(child.table)} {child.key}" for child in some)


def _groups(made: Sequence[RowChange], places: Iterable[int]) -> list[tuple[tuple[ObjectPath, Did], list[_Row]]]:
    """Group the rows by table and by what was done, the last table first, so that later changes are undone first.

    A row that occurs more than once gets its first values back.
    """
    groups: dict[tuple[ObjectPath, Did], dict[str, _Row]] = {}
    tables: dict[ObjectPath, int] = {}
    for place in sorted(places, reverse=True):
        one = made[place]
        tables.setdefault(one.table, len(tables))
        rows = groups.setdefault((one.table, one.did), {})
        later = rows.get(one.row, _Row(one.row, (), {}))
        rows[one.row] = _Row(one.row, (*later.places, place), {**later.was, **one.was})
    ordered = sorted(groups.items(), key=lambda item: (tables[item[0][0]], _ORDER.index(item[0][1])))
    return [(which, list(rows.values())) for which, rows in ordered]


def _changed(row: _Row, key: str) -> _Row:
    """Return the row without its unchanged primary key among the values to restore: others may reference it."""
    return row._replace(was={name: was for name, was in row.was.items() if name != key or was != row.key})


def _shapes(rows: Iterable[_Row]) -> dict[tuple[str, ...], list[_Row]]:
    """Group the rows by the columns that are known of them."""
    shapes: dict[tuple[str, ...], list[_Row]] = {}
    for row in rows:
        shapes.setdefault(tuple(sorted(row.was.keys() - _SYSTEM)), []).append(row)
    return shapes


def _given(table: Keyed, columns: dict[str, Type]) -> tuple[str, Callable[[Sequence[_Row]], dict[str, Any]]]:
    """Build the FROM item `w (row, c0, …, n)`, with keys and column values, and its parameters."""
    arrays = [table.type.source("rows"), *(type_.source(f"c{index}") for index, type_ in enumerate(columns.values()))]
    names = ", ".join(["row", *(f"c{index}" for index in range(len(columns))), "n"])

    def values(rows: Sequence[_Row]) -> dict[str, Any]:
        return {f"c{index}": [row.was[name] for row in rows] for index, name in enumerate(columns)}

    return f"rows from ({', '.join(arrays)}) with ordinality as w ({names})", values
