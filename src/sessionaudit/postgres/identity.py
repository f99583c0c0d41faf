"""Identifies a database, also among others of the same name on other servers."""

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
# A copy of a server's files that became a server of its own has begun another timeline (the manual's section 26.3.6).
_TIMELINE = """
select case when not pg_catalog.pg_is_in_recovery()
            then pg_catalog.left(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 8) end"""
_RELATIONS = """
select w.name, c.oid::bigint
  from pg_catalog.unnest(%s::text[]) as w (name)
  join pg_catalog.pg_class c on c.oid = pg_catalog.to_regclass(w.name)
 where c.relkind in ('r', 'p', 'v', 'm', 'f')"""
# What a server answers that keeps such a thing to itself, or does not have it.
_UNTOLD = (
    sqlstate.INSUFFICIENT_PRIVILEGE,
    sqlstate.UNDEFINED_FUNCTION,
    sqlstate.FEATURE_NOT_SUPPORTED,
    sqlstate.NOT_IN_PREREQUISITE_STATE,
)
Place = dict[str, Any]


def identity(connection: Connection) -> Place:
    """The name of a database, its oid, and its cluster's identifier, where it may be read.

    The server's own words, since a pooler may have another name for it. The numbers of transactions mean something
    there alone. Raises DatabaseError.
    """
    database, server = _told(connection, _DATABASE), _told(connection, _SERVER)
    return {
        "database": database[1] if database else connection.info.dbname,
        "oid": database[0] if database else None,
        "system": server[0] if server else None,
    }


def place(connection: Connection, relations: Iterable[tuple[str, ...]]) -> Place:
    """The identity of a database with what tells a copy of the server from it, and the oids of some relations.

    Those tell two servers apart of which one keeps its identifier to itself. Raises DatabaseError.
    """
    found = identity(connection)
    timeline = _told(connection, _TIMELINE)
    names = [dotted(path) for path in relations]
    try:
        oids: dict[str, int] = dict(connection.execute(_RELATIONS, (names,)).fetchall())
    except psycopg.Error as error:
        raise broken(error, "identifying the database") from None
    return {**found, "timeline": timeline[0] if timeline else None, "relations": oids}


def difference(there: Mapping[str, Any], here: Mapping[str, Any]) -> str:
    """The first of `database`, `oid` and `system` that is known of both and not the same; "" if they may be one."""
    words = ("system", "oid") if _known(there, here, "system") and _known(there, here, "oid") else None
    for word in words or ("database", "oid", "system"):
        if _known(there, here, word) and there[word] != here[word]:
            return word
    return ""


def elsewhere(there: Place, here: Place) -> Iterator[str]:
    """In what another place is not the one that something was made for, in words."""
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
    """A row that the server may keep to itself."""
    try:
        return connection.execute(sent(query)).fetchone()
    except psycopg.Error as error:
        if not (error.sqlstate or "").startswith(_UNTOLD):
            raise broken(error, "identifying the database") from None
        return None
