"""Read the catalogs into a Schema: one snapshot, two round trips, only what the contract names.

Only pg_catalog is read. information_schema hides objects on which the role has no privileges, which would look like
drift, and the run time of its constraint views is quadratic (44 s for 1,000 tables, against 0.55 s).
"""

from __future__ import annotations

import itertools
import re
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from msgspec.structs import replace

from sessionaudit.core import sqlstate
from sessionaudit.core.finding import Location, Skipped
from sessionaudit.core.node import Mapping as Fields
from sessionaudit.core.place import place
from sessionaudit.core.query import constant
from sessionaudit.core.schema import Schema
from sessionaudit.core.underway import UNDERWAY
from sessionaudit.errors import ContractError, DatabaseError
from sessionaudit.kinds import KINDS, RELATIONS
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
from sessionaudit.postgres.unreadable import unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sessionaudit.core.kind import Kind, ObjectPath
    from sessionaudit.core.schema import Named
    from sessionaudit.postgres.connection import Connection

    Paths = Mapping[str, Sequence[ObjectPath]]

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
_NONE = "{}"
_BATCH = 200
_OF_RELATIONS = "%(relation)s"
_CATALOG = re.compile(r"(?:from|join) pg_catalog\.(pg_\w+)")


def read(
    connection: Connection,
    outlined: Callable[[], Named],
    *,
    guess: Paths | None = None,
    statement_timeout: float,
) -> Schema:
    """Read the objects that the outline of a contract names, in one read-only transaction.

    `outlined` returns the outline, and may wait for it. Meanwhile the server reads the relations of the `guess`; if
    that was wrong, everything is read again. `statement_timeout` is in seconds, for each query. PostgreSQL's functions
    that print definitions use the current catalogs, not the snapshot: if another session changes the schema, they fail
    or return nothing, and then everything is read again. Raises DatabaseError, and ContractError if the contract has a
    name that the database's encoding cannot represent.
    """

    def once(number: int) -> Schema:
        return _read(connection, outlined, guess if number == 0 else None, statement_timeout)

    try:
        return _persistently(connection, once)
    except psycopg.Error as error:
        if error.sqlstate == UNTRANSLATABLE:
            raise _unwritable(error, outlined()) from None
        raise broken(error, "reading the catalogs") from None


def read_all(
    connection: Connection,
    schemas: Callable[[], Sequence[str]],
    *,
    schema: Callable[[], str],
    statement_timeout: float,
    beyond: Callable[[Schema], Sequence[ObjectPath]] = lambda _found: (),
    beside: Callable[[], None] = lambda: None,
    named: Named | None = None,
) -> Schema:
    """Read all objects of some schemas, except those of extensions, in one read-only transaction.

    `schemas` chooses the schemas, inside the transaction, after which `schema` returns the schema of
    unqualified names. `beyond` returns relations elsewhere to read too, once the rest is known; `beside` may read more
    in the same snapshot. Objects that are `named` are read as well, whatever their kind. Raises DatabaseError.
    """

    def once(_number: int) -> Schema:
        began, found = _read_all(connection, schemas, schema, statement_timeout, named)
        if paths := beyond(found):
            found = _and_relations(connection, began, paths, found, schema())
        beside()
        return found

    try:
        return _persistently(connection, once)
    except psycopg.Error as error:
        raise broken(error, "reading the catalogs") from None


def _persistently(connection: Connection, once: Callable[[int], Schema]) -> Schema:
    """Read until nothing has changed meanwhile; `once` gets the number of the attempt."""
    retry = Retry(pause=_PAUSE, growth=_GROWTH, longest=_LONGEST, attempts=_ATTEMPTS)
    for number in itertools.count():
        try:
            try:
                with UNDERWAY.doing("reading the catalogs"):
                    return once(number)
            finally:
                roll_back(connection)
        except _WrongGuessError:
            continue
        except _TornError as error:
            if not retry.again():
                raise DatabaseError(
                    f"the server's answer about {error} cannot be read",
                    hint="If another session is changing the schema, wait for it. Otherwise this is a bug: report it.",
                ) from error.__cause__
        except psycopg.Error as error:
            if error.sqlstate not in _MOVED or not retry.again():
                raise
    raise AssertionError


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
    connection: Connection, outlined: Callable[[], Named], guess: Paths | None, statement_timeout: float
) -> Schema:
    named = guess if guess and any(guess.values()) else outlined().relations
    with connection.pipeline():
        began = _Began(connection, statement_timeout)
        found = _relations(connection, named)
        reading = _Reading(connection, began)
    with connection.pipeline() as pipeline:
        reading.ask_of_relations(found, named)
        pipeline.sync()
        outline = outlined()  # the server works meanwhile
        if outline.relations != named:
            raise _WrongGuessError
        return reading.finish(lambda kind: by_identity(kind, _paths(kind, outline)), outline.schema)


def _read_all(
    connection: Connection,
    schemas: Callable[[], Sequence[str]],
    schema: Callable[[], str],
    statement_timeout: float,
    outline: Named | None,
) -> tuple[_Began, Schema]:
    with connection.pipeline():
        began = _Began(connection, statement_timeout)
        reading = _Reading(connection, began)
        chosen = list(schemas())
    with connection.pipeline():
        cursors = {
            kind.name: connection.execute(constant(kind.enumerate), {"schemas": chosen, "among": None})
            for kind in reading.readable
            if kind.enumerate
        }
        paths = {name: cursor.fetchall() for name, cursor in cursors.items()}
        named = {
            kind.name: _both(paths.get(kind.name, ()), outline.relations[kind.name] if outline else ())
            for kind in RELATIONS
        }
        found = _relations(connection, named)
    with connection.pipeline():
        reading.ask_of_relations(found, named)
        return began, reading.finish(
            lambda kind: by_identity(kind, _both(paths.get(kind.name, ()), _paths(kind, outline) if outline else ())),
            schema(),
            every=True,
        )


def _both(found: Iterable[ObjectPath], named: Iterable[ObjectPath]) -> list[ObjectPath]:
    return list(dict.fromkeys((*found, *named)))


def _and_relations(
    connection: Connection, began: _Began, paths: Sequence[ObjectPath], found: Schema, schema: str
) -> Schema:
    """What was found, with some relations more and what is on them."""
    named = {kind.name: list(paths) for kind in RELATIONS}
    with connection.pipeline():
        relations = _relations(connection, named)
        reading = _Reading(connection, began)
    with connection.pipeline():
        reading.ask_of_relations(relations, named)
        more = reading.finish(lambda kind: by_identity(kind, _naming_relations(kind, found)), schema)
    objects = {kind: {**models, **more.objects.get(kind, {})} for kind, models in found.objects.items()}
    return replace(found, objects=objects)


def _naming_relations(kind: Kind[Any], found: Schema) -> list[ObjectPath]:
    """What was found of a kind whose query also tells what others of its objects name, given their relations."""
    return [] if kind.on_relation or _OF_RELATIONS not in kind.query else list(found.objects.get(kind.name, ()))


def _relations(connection: Connection, named: Paths) -> psycopg.Cursor[tuple[Any, ...]]:
    schemas, names = [*zip(*(path for paths in named.values() for path in paths), strict=True)] or ((), ())
    return connection.execute(_RELATIONS, {"schema": list(schemas), "name": list(names)})


class _Began:
    """A transaction and its first queries; their results are available after the pipeline."""

    def __init__(self, connection: Connection, statement_timeout: float) -> None:
        connection.execute(_BEGIN)
        limit(connection, statement_timeout, 1)
        self._schemas = connection.execute(_SCHEMAS)
        catalogs = sorted({name for kind in KINDS for name in catalogs_of(kind)})
        self._hidden = connection.execute(_FORBIDDEN_CATALOGS, (catalogs,))

    @cached_property
    def schemas(self) -> frozenset[str]:
        return frozenset(row[0] for row in self._schemas)

    @cached_property
    def unreadable(self) -> set[str]:
        return {row[0] for row in self._hidden}


class _Reading:
    """The queries of all kinds, once the relations are known."""

    def __init__(self, connection: Connection, began: _Began) -> None:
        self._connection, self._began = connection, began
        self._relations: dict[int, ObjectPath] = {}
        self._named: dict[str, frozenset[ObjectPath]] = {}
        self._oids: dict[tuple[str, ...], str] = {}
        self._skipped: list[Skipped] = []
        self._cursors: dict[str, psycopg.Cursor[tuple[Any, ...]]] = {}

    @cached_property
    def readable(self) -> tuple[Kind[Any], ...]:
        """The kinds whose catalogs the role may read."""
        return tuple(kind for kind in KINDS if not self._hidden(kind))

    def _hidden(self, kind: Kind[Any]) -> list[str]:
        return sorted(self._began.unreadable.intersection(catalogs_of(kind)))

    def ask_of_relations(self, found: Iterable[tuple[int, str, str]], named: Paths) -> None:
        """Query the objects on relations; the server can begin while names are still being read."""
        self._relations = {oid: (schema, name) for oid, schema, name in found}
        self._named = {name: frozenset(paths) for name, paths in named.items() if paths}
        for kind in self.readable:
            if kind.on_relation:
                self._ask(kind, {})

    def _ask(self, kind: Kind[Any], paths: dict[str, list[str]]) -> None:
        kinds = kind.within or (kind.name,) if kind.on_relation else tuple(self._named)
        relations = self._of(kinds)
        if kind.on_relation and relations == _NONE:
            return  # planning a query takes the server a millisecond or more, even if there is nothing to find
        arguments = {"relation": relations, "among": None, **paths}
        self._cursors[kind.name] = self._connection.execute(constant(kind.query), arguments)

    def _of(self, kinds: Iterable[str]) -> str:
        """The relations that are named as of some kinds: what is on others is not asked for.

        An array's literal: psycopg takes 30 ms to write 1,000 numbers one by one.
        """
        names = tuple(name for name in self._named if name in kinds)
        if names not in self._oids:
            every = len(names) == len(self._named)
            told = {path for name in names for path in self._named[name]}
            oids = (str(oid) for oid, path in self._relations.items() if every or path in told)
            self._oids[names] = f"{{{','.join(oids)}}}"
        return self._oids[names]

    def finish(self, paths: Callable[[Kind[Any]], dict[str, list[str]]], schema: str, *, every: bool = False) -> Schema:
        """Query the other objects by their paths, and load all; with `every` whatever there is of each kind."""
        for kind in KINDS:
            columns = {} if kind.on_relation else paths(kind)
            wanted = kind.on_relation or any(columns.values())
            if hidden := self._hidden(kind):
                if wanted or every:
                    self._skipped.append(unreadable(kind, hidden, user(self._connection)))
            elif wanted and not kind.on_relation:
                self._ask(kind, columns)
        gone = self._connection.execute(_GONE, (self._of(self._named),))
        objects: dict[str, dict[ObjectPath, Any]] = {}
        for kind in self.readable:
            try:
                cursor = self._cursors.get(kind.name)  # none where no object of the kind is named
                objects[kind.name] = load_objects(kind, cursor, self._relations, schema) if cursor else {}
            except (AttributeError, TypeError, ValueError) as error:
                raise _TornError(f"a {kind.name.replace('_', ' ')} ({error})") from error
        if gone.fetchone() != (0,):
            raise _TornError("a table that no longer exists")
        return Schema(objects=objects, schemas=self._began.schemas, skipped=tuple(self._skipped))


def catalogs_of(kind: Kind[Any]) -> frozenset[str]:
    """The catalogs that the queries of a kind name."""
    return _named_in(kind.query) | _named_in(kind.enumerate or "")


@cache  # to look through the queries of all kinds takes a millisecond, and each reading asks several times
def _named_in(query: str) -> frozenset[str]:
    return frozenset(_CATALOG.findall(query))


def _paths(kind: Kind[Any], outline: Named) -> list[ObjectPath]:
    paths = list(outline.entries[kind.name])
    if kind.within:  # an empty section concerns all objects: existing ones are queried by a name that none has
        named = {path[:-1] for path in paths}
        paths += [
            (*path, *[""] * (len(kind.identity) - len(path)))
            for holder in kind.within
            for path, entry in outline.entries[holder].items()
            if path not in named and isinstance(entry.node, Fields) and kind.section in entry.node
        ]
    return paths


def by_identity(kind: Kind[Any], paths: Sequence[ObjectPath]) -> dict[str, list[str]]:
    """Paths as a kind's query gets them: by the names of their parts."""
    return {part: [path[index] for path in paths] for index, part in enumerate(kind.identity)}


def load_objects(
    kind: Kind[Any], cursor: psycopg.Cursor[tuple[Any, ...]], relations: dict[int, ObjectPath], schema: str
) -> dict[ObjectPath, Any]:
    """The models that a kind's query has found, by their paths."""
    load = kind.load
    known: dict[Any, Any] = {}
    objects: dict[ObjectPath, Any] = {}
    on_relation = kind.on_relation
    width = len(kind.identity)
    for row in itertools.chain.from_iterable(iter(lambda: cursor.fetchmany(_BATCH), [])):  # one by one takes longer
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
        objects[kind.respell(path) if kind.respell else path] = value
    cursor.close()  # this frees the rows before the next are read
    return objects
