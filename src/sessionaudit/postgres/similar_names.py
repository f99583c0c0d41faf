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

    Tables = frozenset[ObjectPath]
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


class SimilarNames:
    """The names that a transaction can see, each sort read once, as many definitions may have the same wrong name.

    `beside` gives for a SQLSTATE, and relations, what else is known.
    """

    def __init__(self, connection: Connection, beside: Beside = None) -> None:
        self._connection = connection
        self._beside = beside
        self._known: dict[tuple[str, Tables], list[str]] = {}
        self._hints: dict[tuple[str, Tables, str], str] = {}

    def hint(self, state: str, name: str, about: Collection[ObjectPath]) -> str:
        """Return a hint with the known name that is most similar to a name; "" if none is, or if it is known.

        `state` is the SQLSTATE with which the server rejects the name, `about` are the objects that the statement
        names. Raises psycopg.Error.
        """
        tables: Tables = frozenset()
        if state == sqlstate.UNDEFINED_COLUMN:  # only columns are looked for in certain relations
            tables = frozenset(path[:2] for path in about if len(path) > 1)
        key = (state, tables, name)
        if key not in self._hints:
            if (state, tables) not in self._known:
                self._known[state, tables] = sorted(self._read(state, tables))
            known = self._known[state, tables]
            meant = [] if name in known else get_close_matches(name, known, n=1, cutoff=_LEAST)
            self._hints[key] = close(name, meant)
        return self._hints[key]

    def _read(self, state: str, tables: Tables) -> set[str]:
        if state == sqlstate.UNDEFINED_OBJECT:
            found = self._connection.execute(_OBJECTS)
        elif state == sqlstate.UNDEFINED_COLUMN:
            given = {"schemas": [path[0] for path in tables], "names": [path[1] for path in tables]}
            found = self._connection.execute(constant(_COLUMNS), given)
        elif state == sqlstate.UNDEFINED_FUNCTION:
            found = self._connection.execute(_FUNCTIONS)
        else:
            return set()
        return {row[0] for row in found} | {*(self._beside(state, tables) if self._beside else ())}
