"""Measure which locks the statements of a migration take on relations that were there before it.

Another connection looks at pg_locks after each statement, while its transaction is open. A lock stays until that ends,
so it is told of the statement that takes it, or makes it stronger. What rewrites a relation gives it another file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from sessionaudit.audits.migrations.effects import ChangedRows, LocatedLock, MigrationLocks
from sessionaudit.audits.migrations.stated import relations_changed
from sessionaudit.core.step import LockLevel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    import psycopg

    from sessionaudit.core.finding import Location
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.sql.statements import SqlStatement

_RELATIONS = b"""
select c.oid, n.nspname::text, c.relname::text, coalesce(pg_catalog.pg_relation_filenode(c.oid), 0)
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
   and n.nspname !~ '^pg_'
   and n.nspname not in ('information_schema', 'sessionaudit_replay')"""
_LOCKS = """
select l.relation, l.mode
  from pg_catalog.pg_locks l
 where l.pid = %s
   and l.granted
   and l.locktype = 'relation'
   and l.mode <> 'SIReadLock'
   and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())"""


_OF_ROWS = frozenset(("INSERT", "UPDATE", "DELETE", "MERGE", "COPY", "TRUNCATE"))


class LockTaken(NamedTuple):
    """A lock that a statement takes, by its number: on which relation, and how strong."""

    number: int
    relation: ObjectPath
    level: LockLevel


class RowsTold(NamedTuple):
    """That a statement, by its number, changes rows: how, in the server's word, and how many; None for all."""

    number: int
    deed: str
    rows: int | None


class ObservedLocks(Struct, frozen=True, kw_only=True):
    """The locks of a file, the relations that it writes anew, and the numbers of the statements without a measure.

    Those are the statements that run in no transaction that could be looked into, as CREATE INDEX CONCURRENTLY. `rows`
    are the statements that change rows.
    """

    taken: tuple[LockTaken, ...] = ()
    rewritten: tuple[ObjectPath, ...] = ()
    unmeasured: tuple[int, ...] = ()
    rows: tuple[RowsTold, ...] = ()


class LockObserver:
    """Looks at the locks of one file; it is made before the file runs. `connection` is a superuser's, of its own."""

    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        self._connection = connection
        self._before = self._relations()
        self._held: dict[int, LockLevel] = {}
        self._taken: list[LockTaken] = []
        self._unmeasured: list[int] = []
        self._rows: list[RowsTold] = []

    def after(self, number: int, pid: int) -> None:
        """Look at the locks that a process holds after a statement, whose transaction is open."""
        now: dict[int, LockLevel] = {}
        for relation, mode in self._connection.execute(_LOCKS, (pid,)).fetchall():
            now[relation] = max(LockLevel.of(mode), now.get(relation, LockLevel.NONE))
        for relation in sorted(now.keys() & self._before.keys()):
            if now[relation] > self._held.get(relation, LockLevel.NONE):
                self._held[relation] = now[relation]
                self._taken.append(LockTaken(number, self._before[relation][0], now[relation]))

    def ended(self) -> None:
        """Forget the locks: a transaction has ended."""
        self._held.clear()

    def missed(self, number: int) -> None:
        """Note a statement that could not be looked into."""
        self._unmeasured.append(number)

    def told(self, number: int, tags: Iterable[str]) -> None:
        """Note what the server said of a statement, if it changes rows."""
        for deed, *rest in (tag.split() for tag in tags if tag):
            if deed in _OF_ROWS:
                self._rows.append(RowsTold(number, deed, int(rest[-1]) if rest and rest[-1].isdigit() else None))

    def observed(self) -> ObservedLocks:
        """Return what was seen; call it after the file."""
        after = self._relations()
        rewritten = (
            path for oid, (path, file) in sorted(self._before.items()) if oid in after and after[oid][1] != file
        )
        return ObservedLocks(
            taken=tuple(self._taken),
            rewritten=tuple(rewritten),
            unmeasured=tuple(self._unmeasured),
            rows=tuple(self._rows),
        )

    def _relations(self) -> dict[int, tuple[ObjectPath, int]]:
        rows = self._connection.execute(_RELATIONS).fetchall()
        return {oid: ((schema, name), file) for oid, schema, name, file in rows}


def located_locks(seen: ObservedLocks, found: Sequence[SqlStatement], at: Callable[[int], Location]) -> MigrationLocks:
    """Return it with the places of the statements, and the relations whose rows they change."""
    return MigrationLocks(
        taken=tuple(LocatedLock(at(one.number), one.relation, one.level) for one in seen.taken),
        rewritten=seen.rewritten,
        unmeasured=tuple(at(number) for number in seen.unmeasured),
        rows=tuple(
            ChangedRows(at(one.number), one.deed.lower(), relations_changed(found[one.number]), one.rows)
            for one in seen.rows
        ),
    )
