"""Read the catalogs into a Schema: one snapshot, two round trips, only what the contract names.

Only pg_catalog is read. information_schema hides objects on which the role has no privileges, which would look like
drift, and the run time of its constraint views is quadratic (44 s for 1,000 tables, against 0.55 s).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from sessionaudit.core import sqlstate
from sessionaudit.core.finding import Location, Skipped
from sessionaudit.core.node import Mapping
from sessionaudit.core.place import place
from sessionaudit.core.query import constant
from sessionaudit.core.schema import Schema
from sessionaudit.errors import ContractError, DatabaseError
from sessionaudit.kinds import KINDS
from sessionaudit.postgres.connection import (
    UNTRANSLATABLE,
    broken,
    character_of,
    limit,
    roll_back,
    untranslatable,
    user,
)
from sessionaudit.postgres.retry import Retry
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sessionaudit.core.kind import Kind, ObjectPath
    from sessionaudit.core.schema import Named
    from sessionaudit.postgres.connection import Connection

_RELATIONS = Path(__file__).with_name("relations.sql").read_bytes()
_BEGIN = "begin transaction isolation level repeatable read, read only"
_FORBIDDEN_CATALOGS = """
select c.name
  from pg_catalog.unnest(%s::text[]) as c (name)
 where pg_catalog.to_regclass('pg_catalog.' || c.name) is not null
   and not pg_catalog.has_table_privilege(pg_catalog.to_regclass('pg_catalog.' || c.name)::oid, 'select')"""
# An internal error such as “cache lookup failed”, or a name that no longer exists.
_MOVED = sqlstate.UNDEFINED | {sqlstate.INTERNAL_ERROR, sqlstate.INVALID_SCHEMA_NAME}
_ATTEMPTS = 20
_PAUSE, _GROWTH, _LONGEST = 0.02, 1.4, 0.3  # seconds; five seconds in total
_ENCODING = "No name in this database can contain it: is this the right database?"
_SCHEMAS = "select n.nspname::text from pg_catalog.pg_namespace n where n.nspname !~ '^pg_(toast|temp)'"
# has_table_privilege uses the current catalogs: it returns null for a table dropped since the snapshot.
_GONE = """
select count(*)
  from pg_catalog.unnest(%s::oid[]) as r (oid)
 where pg_catalog.has_table_privilege(r.oid, 'select') is null"""
_CATALOG = re.compile(r"(?:from|join) pg_catalog\.(pg_\w+)")


def read(
    connection: Connection,
    outlined: Callable[[], Named],
    *,
    guess: Sequence[ObjectPath] = (),
    statement_timeout: float,
) -> Schema:
    """Read the objects that the outline of a contract names, in one read-only transaction.

    `outlined` returns the outline, and may wait for it. Meanwhile the server reads the relations of the `guess`; if
    that was wrong, everything is read again. `statement_timeout` is in seconds, for each query. PostgreSQL's functions
    that print definitions use the current catalogs, not the snapshot: if another session changes the schema, they fail
    or return nothing, and then everything is read again. Raises DatabaseError, and ContractError if the contract has a
    name that the database's encoding cannot represent.
    """
    retry = Retry(pause=_PAUSE, growth=_GROWTH, longest=_LONGEST, attempts=_ATTEMPTS)
    while True:
        try:
            try:
                return _read(connection, outlined, guess, statement_timeout)
            finally:
                roll_back(connection)
        except _WrongGuessError:
            guess = ()
        except _TornError as error:
            if not retry.again():
                raise DatabaseError(
                    f"the server's answer about {error} cannot be read",
                    hint="If another session is changing the schema, wait for it. Otherwise this is a bug: report it.",
                ) from error.__cause__
        except psycopg.Error as error:
            if error.sqlstate == UNTRANSLATABLE:
                raise _unwritable(error, outlined()) from None
            if error.sqlstate not in _MOVED or not retry.again():
                raise broken(error, "reading the catalogs") from None


def _unwritable(error: psycopg.Error, outline: Named) -> ContractError:
    """Return the error for the first character in the contract that no name in this database can contain."""
    character = character_of(error)
    for key in (entry.key for entries in outline.entries.values() for entry in entries.values()):
        if character and character in key:
            return ContractError(untranslatable(error), location=place(key, key.index(character)), hint=_ENCODING)
    return ContractError(untranslatable(error), location=Location(outline.file, 1, 1), hint=_ENCODING)


class _WrongGuessError(Exception):
    """The contract names other relations than guessed."""


class _TornError(Exception):
    """An object changed between the snapshot and the printing of its definition."""


def _read(
    connection: Connection, outlined: Callable[[], Named], guess: Sequence[ObjectPath], statement_timeout: float
) -> Schema:
    tables = guess or outlined().relations
    with connection.pipeline():
        connection.execute(_BEGIN)
        limit(connection, statement_timeout, 1)
        schemas = connection.execute(_SCHEMAS)
        catalogs = sorted({name for kind in KINDS for name in _CATALOG.findall(kind.query)})
        hidden = connection.execute(_FORBIDDEN_CATALOGS, (catalogs,))
        found = connection.execute(
            _RELATIONS, {"schema": [path[0] for path in tables], "name": [path[1] for path in tables]}
        )
    unreadable = {row[0] for row in hidden}
    relations: dict[int, ObjectPath] = {oid: (schema, name) for oid, schema, name in found}
    skipped: list[Skipped] = []
    objects: dict[str, dict[ObjectPath, Any]] = {}
    with connection.pipeline() as pipeline:
        readable = [kind for kind in KINDS if not _skip(kind, unreadable, user(connection), skipped)]
        # An array literal, because psycopg needs 30 ms to adapt 1,000 numbers.
        oids = f"{{{','.join(map(str, relations))}}}"
        cursors = {
            kind.name: connection.execute(constant(kind.query), {"relation": oids})
            for kind in readable
            if kind.on_relation
        }
        pipeline.sync()
        outline = outlined()  # the server works meanwhile
        if outline.relations != list(tables):
            raise _WrongGuessError
        for kind in readable:
            if not kind.on_relation:
                arguments = {"relation": oids, **_paths(kind, outline)}
                cursors[kind.name] = connection.execute(constant(kind.query), arguments)
        gone = connection.execute(_GONE, (oids,))
        for kind in readable:
            try:
                objects[kind.name] = _load(kind, cursors[kind.name], relations, outline.schema)
            except (AttributeError, TypeError, ValueError) as error:
                raise _TornError(f"a {kind.name.replace('_', ' ')} ({error})") from error
        if gone.fetchone() != (0,):
            raise _TornError("a table that no longer exists")
        there = frozenset(row[0] for row in schemas)
    return Schema(objects=objects, schemas=there, skipped=tuple(skipped))


def _skip(kind: Kind[Any], unreadable: set[str], user: str, skipped: list[Skipped]) -> bool:
    needed = sorted(unreadable.intersection(_CATALOG.findall(kind.query)))
    if needed:
        names = ", ".join(f"pg_catalog.{name}" for name in needed)
        skipped.append(
            Skipped(
                kind.section, f"the role {user} may not read {names}", f"grant select on {names} to {quoted(user)};"
            )
        )
    return bool(needed)


def _paths(kind: Kind[Any], outline: Named) -> dict[str, list[str]]:
    paths = list(outline.entries[kind.name])
    if kind.within:  # an empty section concerns all objects: existing ones are queried by a name that none has
        named = {path[:-1] for path in paths}
        paths += [
            (*path, *[""] * (len(kind.identity) - len(path)))
            for holder in kind.within
            for path, entry in outline.entries[holder].items()
            if path not in named and isinstance(entry.node, Mapping) and kind.section in entry.node
        ]
    return {part: [path[index] for path in paths] for index, part in enumerate(kind.identity)}


def _load(
    kind: Kind[Any], cursor: psycopg.Cursor[tuple[Any, ...]], relations: dict[int, ObjectPath], schema: str
) -> dict[ObjectPath, Any]:
    load = kind.load
    known: dict[Any, Any] = {}
    objects: dict[ObjectPath, Any] = {}
    on_relation = kind.on_relation
    width = len(kind.identity)
    for row in cursor:
        fields = row[width:]
        try:
            value, hashable = known.get(fields), True
        except TypeError:  # an array
            value, hashable = None, False
        if value is None:
            try:
                value = load(fields, schema)
            except (AttributeError, TypeError):
                if None in fields:  # dropped since the snapshot, so the server prints nothing
                    continue
                raise
            if hashable:
                known[fields] = value
        path = (*relations[row[0]], *row[1:width]) if on_relation else row[:width]
        objects[path] = value
    cursor.close()  # this frees the rows before the next are read
    return objects
