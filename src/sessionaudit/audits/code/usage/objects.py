"""Read which objects of a database calls and statements need: PostgreSQL knows what depends on what.

A statement becomes the body of a temporary function, of which PostgreSQL notes what it depends on. The transaction is
rolled back, and nothing of it remains.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import psycopg

from sessionaudit.core import sqlstate
from sessionaudit.core.query import constant
from sessionaudit.postgres.connection import broken, limit, roll_back
from sessionaudit.postgres.parse import parameter_types
from sessionaudit.sql.text import sent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.audits.code.usage.calls import UsedByCalls
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.postgres.connection import Connection

_QUERY = constant(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
_SEARCH_PATH = "select pg_catalog.set_config('search_path', %s, true)"
_WRITABLE = """
select pg_catalog.current_setting('transaction_read_only') = 'off'
   and pg_catalog.has_database_privilege(pg_catalog.current_database(), 'temporary')"""
_FUNCTION = "select 'pg_temp.{}'::pg_catalog.regproc::oid"
_LOCK_SECONDS = 1
_LEAST = 14_00_00  # from which version on a body can be SQL that PostgreSQL has parsed
_SAVEPOINT, _BACK = "savepoint sessionaudit_use", "rollback to savepoint sessionaudit_use"


class UsedObject(NamedTuple):
    """An object that is needed: what pg_identify_object calls its like, and its path."""

    sort: str
    path: ObjectPath


class UsedObjects(NamedTuple):
    """The objects, and why those of some statements are not among them, by the statement's text."""

    objects: frozenset[UsedObject]
    unknown: dict[str, str]


def used_objects(
    connection: Connection, calls: UsedByCalls, statements: Iterable[str], search_path: str, *, timeout: float
) -> UsedObjects:
    """Read what calls and statements need. Raises DatabaseError."""
    try:
        connection.execute("begin")
        limit(connection, timeout, _LOCK_SECONDS)
        connection.execute(_SEARCH_PATH, (search_path,))
        functions, unknown = _functions(connection, list(dict.fromkeys(statements)))
        columns = [(relation, number) for relation, numbers in calls.columns.items() for number in sorted(numbers)]
        computing = sorted(calls.computed)
        given = {
            "relations": list(calls.columns),
            "of_columns": [relation for relation, _ in columns],
            "numbers": [number for _, number in columns],
            "functions": list(calls.functions),
            "statements": functions,
            "inserted": list(calls.inserted),
            "updated": list(calls.updated),
            "keys": sorted(calls.keys),
            "computing_schemas": [schema for schema, _ in computing],
            "computing": [name for _, name in computing],
        }
        connection.execute(_SEARCH_PATH, ("",))  # so that the server spells types with their schemas
        rows = connection.execute(_QUERY, given).fetchall()
    except psycopg.Error as error:
        raise broken(error, "reading what the code uses") from None
    finally:
        roll_back(connection)
    return UsedObjects(frozenset(UsedObject(sort, tuple(path)) for sort, path in rows), unknown)


def _functions(connection: Connection, statements: list[str]) -> tuple[list[int], dict[str, str]]:
    """The oids of temporary functions with these statements; and why there is none for some of them."""
    if not statements:
        return [], {}
    if connection.info.server_version < _LEAST:
        return [], dict.fromkeys(statements, "before PostgreSQL 14 the server does not tell what a statement needs")
    if connection.execute(_WRITABLE).fetchone() != (True,):
        why = "the role may not create temporary objects, or the connection is read-only"
        return [], dict.fromkeys(statements, why)
    found: list[int] = []
    unknown: dict[str, str] = {}
    connection.execute(_SAVEPOINT)
    for number, text in enumerate(statements):
        name = f"sessionaudit_use_{number}"
        try:
            types = ", ".join(parameter_types(connection, text))
            body = f"create function pg_temp.{name}({types}) returns void language sql begin atomic {text}\n; end"
            connection.execute(sent(body))
            connection.execute(_SAVEPOINT)
            row = connection.execute(sent(_FUNCTION.format(name))).fetchone()
        except psycopg.Error as error:
            if not error.sqlstate or sqlstate.ends_connection(error.sqlstate):
                raise
            connection.execute(_BACK)
            unknown[text] = error.diag.message_primary or str(error)
        else:
            found += row or ()
    return found, unknown
