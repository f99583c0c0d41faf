"""Primary keys as values: how texts become keys in the server, whatever their type and whichever search path holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.core.sql import identifier

if TYPE_CHECKING:
    from sessionaudit.connection import Connection
    from sessionaudit.core.kind import ObjectPath

# The operator that the key's own index compares by: the type's, or the one that its class names.
_KEYED = """
select a.attname::text,
       pg_catalog.format('%%I.%%I', tn.nspname, t.typname),
       t.typcategory in ('A', 'C'),
       pg_catalog.format('operator(%%I.%%s)', pn.nspname, p.oprname)
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_constraint o on o.conrelid = c.oid and o.contype = 'p'
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = o.conkey[1]
  join pg_catalog.pg_type t on t.oid = a.atttypid
  join pg_catalog.pg_namespace tn on tn.oid = t.typnamespace
  join pg_catalog.pg_index i on i.indexrelid = o.conindid
  join pg_catalog.pg_opclass l on l.oid = i.indclass[0]
  join pg_catalog.pg_amop m on m.amopfamily = l.opcfamily and m.amopstrategy = 3
   and m.amoplefttype = l.opcintype and m.amoprighttype = l.opcintype
  join pg_catalog.pg_operator p on p.oid = m.amopopr
  join pg_catalog.pg_namespace pn on pn.oid = p.oprnamespace
 where n.nspname = %(schema)s
   and c.relname = %(name)s
   and c.relkind in ('r', 'p')
   and pg_catalog.array_length(o.conkey, 1) = 1
   and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')"""


class Type(NamedTuple):
    """A type as SQL spells it under any search path, and whether its values have parts: arrays, and rows."""

    name: str
    parted: bool

    def source(self, parameter: str) -> str:
        """The function that makes rows of a list of texts; it would take values apart that have parts."""
        return f"pg_catalog.unnest(%({parameter})s::{'pg_catalog.text' if self.parted else self.name}[])"

    def value(self, column: str) -> str:
        """What a column of such rows holds, as a value of the type."""
        return f"{column}::{self.name}" if self.parted else column


class Keyed(NamedTuple):
    """A table whose primary key is one column: the column, its type, and the operator by which it is unique."""

    path: ObjectPath
    column: str
    type: Type
    equal: str

    def given(self, parameter: str = "rows") -> str:
        """For `from`: the keys of a list of texts, as `w (row, n)`, with the places in the list, from 1."""
        return f"{self.type.source(parameter)} with ordinality as w (row, n)"

    def matches(self, table: str, row: str = "w.row") -> str:
        """The condition that the row of `table`, an alias, has this key."""
        return f"{table}.{named(self.column)} {self.equal} {self.type.value(row)}"


def keyed(connection: Connection, path: ObjectPath) -> Keyed | None:
    """A table by its name; None where it is not there, is no table of ours, or has no key of one column.

    Raises psycopg.Error.
    """
    if len(path) != 2:
        return None
    row = connection.execute(_KEYED, {"schema": path[0], "name": path[1]}).fetchone()
    return Keyed(path, row[0], Type(plain(row[1]), row[2]), plain(row[3])) if row else None


def named(*parts: str) -> str:
    """A name as it stands in a statement with parameters."""
    return plain(identifier(*parts))


def plain(sql: str) -> str:
    """SQL as it stands in a statement with parameters: a `%` of its own is none of theirs."""
    return sql.replace("%", "%%")
