"""What the catalogs know of the tables that rows are in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.fragment import Fragment, FragmentError
from sessionaudit.core.sql import tokens, unquote
from sessionaudit.data.query import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessionaudit.connection import Connection
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.kind import ObjectPath

_TABLES = """
select n.nspname::text, c.relname::text,
       coalesce(k.names, '{}'), coalesce(k.types, '{}'),
       exists (
         select from pg_catalog.pg_attribute a
         where a.attrelid = c.oid and a.attname = 'created_at' and not a.attisdropped
       )
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  left join lateral (
    select pg_catalog.array_agg(a.attname::text order by p.place) as names,
           pg_catalog.array_agg(pg_catalog.format_type(a.atttypid, a.atttypmod) order by p.place) as types
      from pg_catalog.pg_constraint o
      cross join lateral pg_catalog.unnest(o.conkey) with ordinality as p (number, place)
      join pg_catalog.pg_attribute a on a.attrelid = o.conrelid and a.attnum = p.number
     where o.conrelid = c.oid and o.contype = 'p'
  ) k on true
 where (n.nspname, c.relname) in (
         select * from rows from (pg_catalog.unnest(%s::name[]), pg_catalog.unnest(%s::name[]))
       )
   and c.relkind in ('r', 'p', 'f', 'v', 'm')
 order by 1, 2"""


def tables(connection: Connection, paths: Iterable[ObjectPath]) -> dict[ObjectPath, Table]:
    """What is known of those of the tables that are there."""
    wanted = sorted(set(paths))
    found = connection.execute(_TABLES, ([path[0] for path in wanted], [path[1] for path in wanted]))
    return {(schema, name): Table(tuple(key), tuple(types), dated) for schema, name, key, types, dated in found}


def words(sql: str) -> Iterator[str]:
    """Every name that stands in a SQL text, folded as PostgreSQL does."""
    for token in tokens(sql):
        if token.sort in {"word", "quoted"}:
            yield unquote(token.text)


def named(sql: str, contract: Contract) -> set[ObjectPath]:
    """The tables of the contract that a SQL text names; of a qualified name both parts must fit."""
    found: set[ObjectPath] = set()
    known = contract.objects["table"].keys()
    parts = list(tokens(sql))
    for index, token in enumerate(parts):
        if token.sort not in {"word", "quoted"}:
            continue
        name = unquote(token.text)
        before = parts[index - 1].text if index else ""
        if before == ".":
            path = (unquote(parts[index - 2].text), name) if index > 1 else (contract.schema, name)
        elif index + 1 < len(parts) and parts[index + 1].text == ".":
            continue  # an alias, or the schema of what follows
        else:
            path = (contract.schema, name)
        if path in known:
            found.add(path)
    return found


def target(sql: str, schema: str) -> tuple[str, ObjectPath] | None:
    """What a statement does and to which table: its first insert, update or delete outside of parentheses."""
    depth = 0
    for token in tokens(sql):
        depth += (token.text == "(") - (token.text == ")")
        verb = token.text.lower()
        if depth or token.sort != "word" or verb not in {"insert", "update", "delete"}:
            continue
        try:
            fragment = Fragment(sql[token.end :].rstrip().removesuffix(";"))
            if verb != "update":
                fragment.expect("into" if verb == "insert" else "from")
            fragment.accept("only")
            return verb, fragment.qualified(schema)
        except FragmentError:
            return None
    return None


_TYPES = """
select a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod)
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_class c on c.oid = a.attrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where n.nspname = %s and c.relname = %s and a.attnum > 0 and not a.attisdropped
 order by a.attnum"""


def column_types(connection: Connection, path: ObjectPath) -> dict[str, str]:
    """The types of a table's columns, as a cast spells them."""
    return dict(connection.execute(_TYPES, path[:2]).fetchall())
