"""Define temporary relations that replace real ones while the server is asked how it prints a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.kind import StandIn
from sessionaudit.sql.text import identifier

if TYPE_CHECKING:
    from collections.abc import Sequence

_COLUMNS = """
select a.attname::text,
       pg_catalog.format_type(a.atttypid, a.atttypmod)
         || coalesce((select ' collate ' || l.collnamespace::pg_catalog.regnamespace::text
                             || '.' || pg_catalog.quote_ident(l.collname)
                        from pg_catalog.pg_collation l
                        join pg_catalog.pg_type t on t.oid = a.atttypid and t.typcollation <> l.oid
                       where l.oid = a.attcollation), '')
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_class c on c.oid = a.attrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where n.nspname = %(schema)s and c.relname = %(name)s and a.attnum > 0 and not a.attisdropped
 order by a.attnum"""


def _create(name: str, columns: Sequence[tuple[str, str]]) -> str:
    body = ", ".join(f"{identifier(column)} {type_}" for column, type_ in columns)
    return f"create temporary table {name} ({body})"


TABLE = StandIn(_COLUMNS, _create)
