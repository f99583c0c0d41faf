"""Identify a database, also among others of the same name on other servers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg

from sessionaudit.core import sqlstate
from sessionaudit.core.ref import dotted
from sessionaudit.postgres.connection import broken
from sessionaudit.sql.text import sent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sessionaudit.postgres.connection import Connection

_DATABASE = """
select d.oid::bigint, d.datname::text
  from pg_catalog.pg_database d
 where d.datname = pg_catalog.current_database()"""
_SERVER = "select c.system_identifier::text from pg_catalog.pg_control_system() c"
# A copy of a server that was promoted has its own timeline (the manual's section 26.3.6).
_TIMELINE = """
select case when not pg_catalog.pg_is_in_recovery()
            then pg_catalog.left(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 8) end"""
_RELATIONS = """
select w.name, c.oid::bigint
  from rows from (pg_catalog.unnest(%s::text[]), pg_catalog.unnest(%s::text[]), pg_catalog.unnest(%s::text[]))
       as w (name, schema, relation)
  join pg_catalog.pg_namespace n on n.nspname = w.schema
  join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.relation
 where c.relkind in ('r', 'p', 'v', 'm', 'f')"""
# Errors of a server that does not permit such a query, or does not support it.
_UNTOLD = (
    sqlstate.INSUFFICIENT_PRIVILEGE,
    sqlstate.UNDEFINED_FUNCTION,
    sqlstate.UNSUPPORTED,
    sqlstate.NOT_IN_PREREQUISITE_STATE,
)
Place = dict[str, Any]


def identity(connection: Connection) -> Place:
    """Return a database's name, its oid, and its cluster's identifier if it may be read.

    The server is asked, because a pooler may use another name for the database. Transaction numbers are only valid in
    this database cluster. Raises DatabaseError.
    """
    database, server = _told(connection, _DATABASE), _told(connection, _SERVER)
    return {
        "database": database[1] if database else connection.info.dbname,
        "oid": database[0] if database else None,
        "system": server[0] if server else None,
    }


def place(connection: Connection, relations: Iterable[tuple[str, ...]]) -> Place:
    """Return a database's identity, with values that differ in a copy of the server, and oids of relations.

    The oids distinguish two servers if the identifier of one cannot be read. Raises DatabaseError.
    """
    found = identity(connection)
    timeline = _told(connection, _TIMELINE)
    paths = [*relations]
    names = ([dotted(path) for path in paths], [path[0] for path in paths], [path[1] for path in paths])
    try:
        oids: dict[str, int] = dict(connection.execute(_RELATIONS, names).fetchall())
    except psycopg.Error as error:
        raise broken(error, "identifying the database") from None
    return {**found, "timeline": timeline[0] if timeline else None, "relations": oids}


def difference(there: Mapping[str, Any], here: Mapping[str, Any]) -> str:
    """Return the first of `database`, `oid` and `system` that is known for both and differs; "" if none does."""
    words = ("system", "oid") if _known(there, here, "system") and _known(there, here, "oid") else None
    for word in words or ("database", "oid", "system"):
        if _known(there, here, word) and there[word] != here[word]:
            return word
    return ""


def elsewhere(there: Place, here: Place) -> Iterator[str]:
    """Describe in which respects another place differs from the expected one."""
    word = difference(there, here)
    if word == "system":
        yield "the server, which is a different one"
    elif word:
        yield f"the database {there.get('database')}, which is a different one"
    elif _known(there, here, "system"):
        if _known(there, here, "timeline") and there["timeline"] != here["timeline"]:
            yield "the server, which is a copy of the original, or a standby that was promoted"
    else:
        now = here.get("relations", {})
        others = [name for name, oid in there.get("relations", {}).items() if oid and now.get(name) not in {None, oid}]
        if others:
            yield f"{others[0]}, which is another relation with that name"


def _known(there: Mapping[str, Any], here: Mapping[str, Any], word: str) -> bool:
    return there.get(word) is not None and here.get(word) is not None


def _told(connection: Connection, query: str) -> tuple[Any, ...] | None:
    """Run a query that the server may not permit; return its row, or None."""
    try:
        return connection.execute(sent(query)).fetchone()
    except psycopg.Error as error:
        if not (error.sqlstate or "").startswith(_UNTOLD):
            raise broken(error, "identifying the database") from None
        return None
