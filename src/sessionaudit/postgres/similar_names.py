"""Find what was perhaps meant by a name that the server does not know: another one that it or the contract has."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from sessionaudit.core import sqlstate
from sessionaudit.core.node import close
from sessionaudit.core.query import constant

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.postgres.connection import Connection

    Beside = Callable[[str, Collection[ObjectPath]], Iterable[str]] | None

_LEAST = 0.75  # as there are thousands of functions, one is always a bit like it
# Types as SQL spells them, such as bigint, and as the catalog does, such as int8; and what else has this SQLSTATE.
_OBJECTS = """
select x.name::text
  from pg_catalog.pg_type t
 cross join lateral (values (t.typname::text), (pg_catalog.format_type(t.oid, null))) as x (name)
 where t.typcategory <> 'A' and t.typtype <> 'p' and pg_catalog.pg_type_is_visible(t.oid)
 union select 'int'
 union select l.collname::text from pg_catalog.pg_collation l where pg_catalog.pg_collation_is_visible(l.oid)
 union select o.opcname::text from pg_catalog.pg_opclass o where pg_catalog.pg_opclass_is_visible(o.oid)
 union select m.amname::text from pg_catalog.pg_am m
 union select l.lanname::text from pg_catalog.pg_language l"""
_FUNCTIONS = """
select distinct p.proname::text from pg_catalog.pg_proc p where pg_catalog.pg_function_is_visible(p.oid)"""
_COLUMNS = """
select a.attname::text
  from rows from (pg_catalog.unnest(%(schemas)s::text[]), pg_catalog.unnest(%(names)s::text[])) as w (schema, name)
  join pg_catalog.pg_namespace n on n.nspname = w.schema
  join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.name
  join pg_catalog.pg_attribute a on a.attrelid = c.oid
 where a.attnum > 0 and not a.attisdropped"""


def similar(connection: Connection, state: str, name: str, about: Collection[ObjectPath], beside: Beside = None) -> str:
    """Return a hint with the known name that is most similar to a name; "" if none is, or if it is known.

    `state` is the SQLSTATE with which the server rejects the name, `about` are the objects that the statement names.
    `beside` gives for a SQLSTATE, and relations, what else is known. Raises psycopg.Error.
    """
    tables = {path[:2] for path in about if len(path) > 1}
    if state == sqlstate.UNDEFINED_OBJECT:
        found = connection.execute(_OBJECTS)
    elif state == sqlstate.UNDEFINED_COLUMN:
        given = {"schemas": [path[0] for path in tables], "names": [path[1] for path in tables]}
        found = connection.execute(constant(_COLUMNS), given)
    elif state == sqlstate.UNDEFINED_FUNCTION:
        found = connection.execute(_FUNCTIONS)
    else:
        return ""
    known = {row[0] for row in found} | {*(beside(state, tables) if beside else ())}
    return "" if name in known else close(name, get_close_matches(name, sorted(known), n=1, cutoff=_LEAST))
