"""Find rows that reference a row by a foreign key, and what would happen to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg

from sessionaudit.audits.data.keys import keyed
from sessionaudit.core import sqlstate
from sessionaudit.core.query import constant, spelled
from sessionaudit.core.ref import dotted
from sessionaudit.errors import DatabaseError
from sessionaudit.sql.text import identifier

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sessionaudit.audits.data.keys import Keyed
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.postgres.connection import Connection

SHOWN = 3
_LOOKED_UP = 20  # rows of one call whose children are named individually

# Foreign keys to the table, to its partitioned table, and to its partitions. A foreign key that belongs to one of a
# partitioned table is reported with that one. The two sides may have different column names and collations.
_REFERENCES = """
with recursive here as (
  select c.oid
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
   where n.nspname = %(schema)s and c.relname = %(name)s
), above (oid) as (
  select h.oid from here h
  union
  select i.inhparent
    from above a
    join pg_catalog.pg_class c on c.oid = a.oid and c.relispartition
    join pg_catalog.pg_inherits i on i.inhrelid = a.oid
), below (oid) as (
  select h.oid from here h
  union
  select i.inhrelid from below b join pg_catalog.pg_inherits i on i.inhparent = b.oid
), family (oid) as (select a.oid from above a union select b.oid from below b)
select o.conname::text, n.nspname::text, c.relname::text, c.relkind = 'r',
       o.confdeltype::text, o.confupdtype::text,
       c.oid in (select f.oid from family f),
       (select pg_catalog.array_agg(a.attname::text order by k.place)
          from pg_catalog.unnest(o.confkey) with ordinality as k (number, place)
          join pg_catalog.pg_attribute a on a.attrelid = o.confrelid and a.attnum = k.number),
       (select pg_catalog.array_agg(a.attname::text order by k.place)
          from pg_catalog.unnest(o.conkey) with ordinality as k (number, place)
          join pg_catalog.pg_attribute a on a.attrelid = o.conrelid and a.attnum = k.number),
       (select pg_catalog.array_agg(pg_catalog.format('operator(%I.%s)', s.nspname, p.oprname) order by k.place)
          from pg_catalog.unnest(o.conpfeqop) with ordinality as k (number, place)
          join pg_catalog.pg_operator p on p.oid = k.number
          join pg_catalog.pg_namespace s on s.oid = p.oprnamespace),
       (select pg_catalog.array_agg(
                 case when ours.attcollation <> theirs.attcollation and l.oid is not null
                      then pg_catalog.format(' collate %I.%I', s.nspname, l.collname) else '' end
                 order by k.place)
          from rows from (pg_catalog.unnest(o.confkey), pg_catalog.unnest(o.conkey))
               with ordinality as k (number, other, place)
          join pg_catalog.pg_attribute ours on ours.attrelid = o.confrelid and ours.attnum = k.number
          join pg_catalog.pg_attribute theirs on theirs.attrelid = o.conrelid and theirs.attnum = k.other
          left join pg_catalog.pg_collation l on l.oid = ours.attcollation
          left join pg_catalog.pg_namespace s on s.oid = l.collnamespace),
       coalesce(
         (select pg_catalog.array_agg(a.attname::text order by k.place)
            from pg_catalog.pg_constraint y
            cross join lateral pg_catalog.unnest(y.conkey) with ordinality as k (number, place)
            join pg_catalog.pg_attribute a on a.attrelid = y.conrelid and a.attnum = k.number
           where y.conrelid = o.conrelid and y.contype = 'p'), '{}')
  from pg_catalog.pg_constraint o
  join pg_catalog.pg_class c on c.oid = o.conrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where o.contype = 'f'
   and o.conparentid = 0
   and o.confrelid in (select f.oid from family f)
 order by 2, 3, 1"""

_DELETED = {
    "a": "it would reference a missing row",
    "r": "it would reference a missing row",
    "c": "it would be deleted too (on delete cascade)",
    "n": "it would lose its reference (on delete set null)",
    "d": "its reference would be set to the default (on delete set default)",
}
_UPDATED = {
    "a": "it references the current value",
    "r": "it references the current value",
    "c": "it would change too (on update cascade)",
    "n": "it would lose its reference (on update set null)",
    "d": "its reference would be set to the default (on update set default)",
}


class Child(NamedTuple):
    """A row that references another: its table, its primary key, the constraint, and what would happen to it."""

    table: ObjectPath
    key: str
    constraint: str
    action: str

    def __str__(self) -> str:
        return f"{dotted(self.table)} {self.key} references it by {dotted((self.constraint,))}: {self.action}"


class _Reference(NamedTuple):
    """A foreign key to a table: the child, whether the child is the table itself, and the columns."""

    constraint: str
    child: ObjectPath
    alone: bool
    on_delete: str
    on_update: str
    itself: bool
    columns: tuple[str, ...]
    by: tuple[str, ...]
    operators: tuple[str, ...]
    collations: tuple[str, ...]
    key: tuple[str, ...]

    @property
    def source(self) -> str:
        """The child for a FROM clause; a foreign key of a plain table does not apply to tables that inherit from it."""
        return f"{'only ' if self.alone else ''}{identifier(*self.child)} as c"

    @property
    def link(self) -> str:
        """The condition that the row `c` references the row `p`, as PostgreSQL itself evaluates it."""
        return " and ".join(
            f"p.{identifier(column)}{collation} {operator} c.{identifier(by)}"
            for column, by, operator, collation in zip(
                self.columns, self.by, self.operators, self.collations, strict=True
            )
        )

    @property
    def shown(self) -> str:
        """The child's primary key as text; its ctid if it has none."""
        names = [f"c.{identifier(column)}" for column in self.key]
        if not names:
            return "'at ' || c.ctid::text"
        return f"{names[0]}::text" if len(names) == 1 else f"row({', '.join(names)})::text"


def children(
    connection: Connection, path: ObjectPath, rows: Sequence[str], *, changed: Collection[str] | None = None
) -> dict[str, list[Child]]:
    """Find which of the rows must stay because others reference them, and some of these others.

    `rows` are primary keys as text, and the result is keyed by the same texts. They are examined as if all were deleted
    together: a referencing row that is itself among them does not count, unless it must stay. With `changed`, the given
    columns of the table get new values, and only foreign keys to these columns count.

    Lock the rows before, with FOR UPDATE, in the same transaction: then an INSERT of a child waits, and earlier ones
    are visible. There is one query for each foreign key; it uses the child's index if there is one. Raises
    psycopg.Error, and DatabaseError if the role may not see all rows of a child.
    """
    table = keyed(connection, path)
    if table is None or not rows:
        return {}
    found: dict[int, list[Child]] = {}
    inner: list[tuple[int, int, Child]] = []
    for reference in _references(connection, path):
        if changed is not None and not set(reference.columns) & set(changed):
            continue
        asked = _Asked(connection, table, reference, list(rows), deleting=changed is None)
        try:
            for place, some in asked.others():
                found.setdefault(place, []).extend(some)
            inner += asked.among_themselves() if reference.itself and changed is None else ()
        except psycopg.Error as error:
            if error.sqlstate == sqlstate.INSUFFICIENT_PRIVILEGE:
                raise _unseen(reference, error) from None
            raise
    _follow(found, inner)
    return {rows[place - 1]: some for place, some in sorted(found.items())}


def _references(connection: Connection, path: ObjectPath) -> list[_Reference]:
    found = connection.execute(constant(_REFERENCES), {"schema": path[0], "name": path[1]})
    return [
        _Reference(
            name,
            (schema, child),
            alone,
            deleted,
            updated,
            itself,
            tuple(columns),
            tuple(by),
            tuple(operators),
            tuple(collations),
            tuple(key),
        )
        for name, schema, child, alone, deleted, updated, itself, columns, by, operators, collations, key in found
    ]


@dataclass(slots=True)
class _Asked:
    """Queries one foreign key for the children of some rows. Its methods raise psycopg.Error."""

    connection: Connection
    table: Keyed
    reference: _Reference
    rows: list[str]
    deleting: bool
    _parent: str = field(init=False)

    def __post_init__(self) -> None:
        here = identifier(*self.table.path)
        self._parent = f"{self.table.given()} join {here} as p on {self.table.matches('p')}"

    def others(self) -> list[tuple[int, list[Child]]]:
        """Return the positions of rows with children outside the given rows, with some names for the first ones.

        Names cost a search for each row, so only the rows that are reported get them.
        """
        reference, link = self.reference, self.reference.link
        if reference.itself and self.deleting:
            ours = self.table.type.source("rows")
            link += f" and not exists (select from {ours} as o (row) where {self.table.matches('c', 'o.row')})"
        some = f"array(select {reference.shown} from {reference.source} where {link} limit {SHOWN})"
        parent = ", ".join(f"p.{identifier(column)}" for column in dict.fromkeys(reference.columns))
        asked = (
            f"select p.n, case when p.place <= {_LOOKED_UP} then {some} end from ("
            f"select w.n, pg_catalog.row_number() over (order by w.n) as place, {parent} from {self._parent}"
            f" where exists (select from {reference.source} where {link})) as p"
        )
        return [(place, [self._child(key) for key in keys or ["…"]]) for place, keys in self._run(asked)]

    def among_themselves(self) -> list[tuple[int, int, Child]]:
        """Return which of the rows reference each other: the positions of parent and child, with the child."""
        ours = f"{self.table.type.source('rows')} with ordinality as o (row, n)"
        asked = (
            f"select w.n, o.n, {self.reference.shown} from {self._parent} join {self.reference.source}"
            f" on {self.reference.link} join {ours} on {self.table.matches('c', 'o.row')} where w.n <> o.n"
        )
        return [(parent, child, self._child(key)) for parent, child, key in self._run(asked)]

    def _child(self, key: str) -> Child:
        reference = self.reference
        action = _DELETED[reference.on_delete] if self.deleting else _UPDATED[reference.on_update]
        return Child(reference.child, key, reference.constraint, action)

    def _run(self, asked: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(spelled(asked), {"rows": self.rows}).fetchall()


def _follow(found: dict[int, list[Child]], inner: list[tuple[int, int, Child]]) -> None:
    """Also keep what a row that must stay references itself, and so on."""
    parents: dict[int, list[tuple[int, Child]]] = {}
    for parent, child, row in inner:
        parents.setdefault(child, []).append((parent, row))
    todo = list(found)
    while todo:
        for parent, row in parents.get(todo.pop(), ()):
            if parent not in found:
                todo.append(parent)
            if len(some := found.setdefault(parent, [])) < SHOWN:
                some.append(row)


def _unseen(reference: _Reference, error: psycopg.Error) -> DatabaseError:
    child = dotted(reference.child)
    return DatabaseError(
        f"whether rows of {child} reference the rows, by {dotted((reference.constraint,))}, cannot be checked: "
        f"{error.diag.message_primary}",
        hint=f"Grant the role SELECT on {child}; where row security applies to it, it needs BYPASSRLS.",
    )
