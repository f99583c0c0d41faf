"""Find what a statement lacks in schemas that its search path does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.migrations.causes import missing_names
from sessionaudit.core.query import constant

if TYPE_CHECKING:
    from sessionaudit.postgres.connection import Connection

_SAME_NAME = """
select distinct x.name
  from (select pg_catalog.format('%I.%I', n.nspname, p.proname) as name, n.nspname
          from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
         where %(called)s and p.proname = %(name)s
        union all
        select pg_catalog.format('%I.%I', n.nspname, t.typname), n.nspname
          from pg_catalog.pg_type t join pg_catalog.pg_namespace n on n.oid = t.typnamespace
         where not %(called)s and t.typname = %(name)s) x
 where x.nspname not in ('pg_catalog', 'information_schema') and x.nspname !~ '^pg_'
 order by x.name
 limit 3"""


def advise_schema(connection: Connection, message: str) -> str:
    """Say where there is a function, a relation or a type of the name that a message misses; empty where none is.

    A name that has its schema is looked for nowhere else. A relation has a type of its name.
    """
    name = next(missing_names(message), "")
    if not name or f".{name}" in message:
        return ""
    asked = {"name": name, "called": message.startswith("function")}
    there = [row[0] for row in connection.execute(constant(_SAME_NAME), asked).fetchall()]
    if not there:
        return ""
    return f"There is {' and '.join(there)}: write the schema before the name, or add it to search_path."
