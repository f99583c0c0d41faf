"""Read from the catalogs the tables that an invariant or a repair uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.audits.data.queries import CatalogTable
from sessionaudit.core.query import constant
from sessionaudit.sql.fragment import Fragment, FragmentError
from sessionaudit.sql.text import tokens

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.postgres.connection import Connection

_TABLES = """
select n.nspname::text, c.relname::text, c.relkind::text,
       coalesce(k.names, '{}'), coalesce(k.types, '{}'), coalesce(k.equals, '{}'), coalesce(k.compound, false),
       exists (
         select from pg_catalog.pg_attribute a
         where a.attrelid = c.oid and a.attname = 'created_at' and not a.attisdropped
       )
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  left join lateral (
    select pg_catalog.array_agg(a.attname::text order by p.place) as names,
           pg_catalog.array_agg(pg_catalog.format('%I.%I', ts.nspname, t.typname) order by p.place) as types,
           pg_catalog.array_agg(coalesce(pg_catalog.format('operator(%I.%s)', os.nspname, e.oprname), '=')
                                order by p.place) as equals,
           pg_catalog.bool_or(t.typcategory in ('A', 'C')) as compound
      from pg_catalog.pg_constraint o
      cross join lateral pg_catalog.unnest(o.conkey) with ordinality as p (number, place)
      join pg_catalog.pg_attribute a on a.attrelid = o.conrelid and a.attnum = p.number
      join pg_catalog.pg_type t on t.oid = a.atttypid
      join pg_catalog.pg_namespace ts on ts.oid = t.typnamespace
      -- The equality of the key's own index, which need not be the one that a name finds (citext).
      join pg_catalog.pg_index x on x.indexrelid = o.conindid
      join pg_catalog.pg_opclass f on f.oid = x.indclass[p.place - 1]
      left join pg_catalog.pg_amop m
        on m.amopfamily = f.opcfamily and m.amopmethod = 403 and m.amopstrategy = 3
        and m.amoplefttype = f.opcintype and m.amoprighttype = f.opcintype
      left join pg_catalog.pg_operator e on e.oid = m.amopopr
      left join pg_catalog.pg_namespace os on os.oid = e.oprnamespace
     where o.conrelid = c.oid and o.contype = 'p'
  ) k on true
 where (n.nspname, c.relname) in (
         select * from rows from (pg_catalog.unnest(%(schema)s::name[]), pg_catalog.unnest(%(name)s::name[]))
       )
   and c.relkind in ('r', 'p', 'f', 'v', 'm')
 order by 1, 2"""

_CLOSED = """
select exists (
  select from pg_catalog.pg_namespace n
   where n.nspname = %s and not pg_catalog.has_schema_privilege(n.oid, 'usage')
)"""


def closed(connection: Connection, schema: str) -> bool:
    """Whether the schema exists, and the role has no USAGE privilege on it."""
    row = connection.execute(_CLOSED, (schema,)).fetchone()
    return row == (True,)


def tables(connection: Connection, paths: Iterable[ObjectPath]) -> dict[ObjectPath, CatalogTable]:
    """Return the properties of those tables that exist."""
    wanted = sorted(set(paths))
    found = connection.execute(
        constant(_TABLES), {"schema": [path[0] for path in wanted], "name": [path[1] for path in wanted]}
    )
    return {
        (schema, name): CatalogTable(kind, tuple(key), tuple(types), tuple(equals), compound, dated)
        for schema, name, kind, key, types, equals, compound, dated in found
    }


class Target(NamedTuple):
    """What a statement does and to which table, the position of its verb, and whether it begins with WITH."""

    verb: str
    path: ObjectPath
    start: int
    end: int
    after_with: bool


def target(sql: str, schema: str) -> Target | None:
    """Find the first INSERT, UPDATE or DELETE outside of parentheses; None if there is none."""
    depth = 0
    found = list(tokens(sql))
    while found and found[-1].text == ";":
        found.pop()
    for token in found:
        depth += (token.text == "(") - (token.text == ")")
        verb = token.text.lower()
        if depth or token.sort != "word" or verb not in {"insert", "update", "delete"}:
            continue
        try:
            fragment = Fragment(sql[token.end : found[-1].end])
            if verb != "update":
                fragment.expect("into" if verb == "insert" else "from")
            fragment.accept("only")
            path = fragment.qualified(schema)
            return Target(verb, path, token.start, found[-1].end, token is not found[0])
        except FragmentError:
            return None
    return None


_TYPES = """
select a.attname::text, pg_catalog.format('%I.%I', ts.nspname, t.typname)
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_type t on t.oid = a.atttypid
  join pg_catalog.pg_namespace ts on ts.oid = t.typnamespace
  join pg_catalog.pg_class c on c.oid = a.attrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where n.nspname = %(schema)s and c.relname = %(name)s and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
 order by a.attnum"""


def column_types(connection: Connection, path: ObjectPath) -> dict[str, str]:
    """Return the types of a table's writable columns, as a cast spells them under any search_path."""
    return dict(connection.execute(constant(_TYPES), {"schema": path[0], "name": path[1]}).fetchall())
