"""Create empty temporary stand-ins for relations, and try statements on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

import psycopg
from msgspec import Struct

from sessionaudit.core import sqlstate
from sessionaudit.sql.text import UnclosedError, literal, quoted, sent, tokens, unquote

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.step import Step
    from sessionaudit.postgres.connection import Connection

_SETTING = "set local "
_MATERIALIZED, _TABLE, _EMPTY = "create materialized view ", "create table ", "\nwith no data"
_RELATIONS = """
select n.nspname::text, c.relname::text, c.relkind::text,
       array(select pg_catalog.quote_ident(a.attname)
               from pg_catalog.pg_attribute a
              where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped order by a.attnum),
       array(select pg_catalog.format_type(a.atttypid, a.atttypmod)
                    || coalesce((select ' collate ' || l.collnamespace::pg_catalog.regnamespace::text
                                        || '.' || pg_catalog.quote_ident(l.collname)
                                   from pg_catalog.pg_collation l
                                   join pg_catalog.pg_type t on t.oid = a.atttypid and t.typcollation <> l.oid
                                  where l.oid = a.attcollation), '')
               from pg_catalog.pg_attribute a
              where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped order by a.attnum),
       array(select pg_catalog.pg_get_constraintdef(k.oid)
               from pg_catalog.pg_constraint k
              where k.conrelid = c.oid and k.contype in ('p', 'u') order by k.conname),
       array(select pg_catalog.pg_get_indexdef(i.indexrelid)
               from pg_catalog.pg_index i
              where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
                and not exists (select from pg_catalog.pg_constraint k
                                 where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))
              order by i.indexrelid),
       coalesce(pg_catalog.pg_get_partkeydef(c.oid), '')
  from unnest(%s::text[], %s::text[]) w (schema, name)
  join pg_catalog.pg_namespace n on n.nspname = w.schema
  join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.name and c.relkind in ('r', 'p', 'f', 'v', 'm')
"""


class Relation(Struct, frozen=True):
    """The properties of a relation that a stand-in needs: column names and types, and keys, as SQL spells them.

    `sort` is pg_class.relkind; `partitioned` is the key of a partitioned table, else "".
    """

    sort: str
    names: list[str]
    types: list[str]
    constraints: list[str]
    indexes: list[str]
    partitioned: str


class Failure(Struct, frozen=True):
    """An error, and the statement that raised it."""

    error: psycopg.Error
    statement: str


def relations(connection: Connection, paths: Collection[ObjectPath]) -> dict[ObjectPath, Relation]:
    """Read those of some relations that exist."""
    rows = connection.execute(_RELATIONS, ([path[0] for path in paths], [path[1] for path in paths])).fetchall()
    return {row[:2]: Relation(*row[2:]) for row in rows}


class Bench:
    """Holds stand-ins for relations, types and functions, in a transaction that is rolled back.

    If two of different schemas have one name, the first keeps it, because an unqualified name may refer to it.
    """

    def __init__(self, connection: Connection, paths: Iterable[ObjectPath]) -> None:
        self._connection = connection
        self._names: dict[ObjectPath, str] = {}
        taken: set[str] = set()
        for schema, name in dict.fromkeys(paths):
            self._names[schema, name] = f"pg_temp.{quoted(f'{schema}.{name}' if name in taken else name)}"
            taken.add(name)

    def name(self, path: ObjectPath) -> str:
        """Return the name of a stand-in, as SQL spells it."""
        return self._names[path]

    def put(self, path: ObjectPath, there: Relation) -> psycopg.Error | None:
        """Create an empty copy of a relation, with its keys; return the error if it fails."""
        name = self.name(path)
        columns = [*zip(there.names, there.types, strict=True)]
        if there.sort == "v":
            listed = ", ".join(f"null::{type_} as {one}" for one, type_ in columns)
            return self.run(f"create view {name} as select {listed}")
        listed = ", ".join(f"{one} {type_}" for one, type_ in columns)
        by = f" partition by {there.partitioned}" if there.partitioned else ""
        table = f"create table {name} ({listed}){by}"
        keys = [  # with names that no contract uses
            f"alter table {name} add constraint {quoted(f'stand-in {number} of {path[1]}')} {text}"
            for number, text in enumerate(there.constraints)
        ]
        keys += [self.renamed(text) for text in there.indexes]
        if self.at_once([table, *keys]):
            return None
        if error := self.run(table):
            return error
        for key in keys:
            self.run(key)
        return None

    def statements(self, step: Step) -> tuple[str, ...]:
        """Rewrite a step's statements for the stand-ins; none if the step exchanges an object."""
        if step.around is not None:
            return ()
        renamed = ((one, self.renamed(one, concurrent=step.concurrent)) for one in step.plain or step.sql)
        return tuple(after for before, after in renamed if after != before and "pg_temp." in after)

    def step(self, step: Step) -> Failure | None:
        """Run a step; return its first error, after undoing the step."""
        statements = self.statements(step)
        failed = self.all(statements)
        settings = [f"{_SETTING}{name} = {literal(value)}" for name, value in step.settings]
        settings += [one for one in step.sql if one.startswith(_SETTING)]
        if failed is None or failed.error.sqlstate == sqlstate.SYNTAX_ERROR or not settings:
            return failed
        # Settings may reduce the server's checks; they must be reset, because the next step may have others.
        undone = [f"{_SETTING}{one.split()[2]} to default" for one in settings]
        return self.all((*settings, *statements, *undone))

    def all(self, statements: Iterable[str]) -> Failure | None:
        """Run statements; return the first error, after undoing all of them."""
        self._connection.execute("savepoint one_step")
        failed: Failure | None = None
        for statement in statements:
            if error := self.run(statement):
                failed = Failure(error, statement)
                self._connection.execute("rollback to savepoint one_step")
                break
        self._connection.execute("release savepoint one_step")
        return failed

    def run(self, statement: str) -> psycopg.Error | None:
        """Run a statement; return its error, after undoing it."""
        self._connection.execute("savepoint one_statement")
        try:
            self._connection.execute(sent(statement))
        except psycopg.Error as error:
            _require_refusal(error)
            self._connection.execute("rollback to savepoint one_statement")
            return error
        self._connection.execute("release savepoint one_statement")
        return None

    def at_once(self, statements: Sequence[str]) -> bool:
        """Run statements in one round trip; return false if one fails, after undoing all of them."""
        if not statements:
            return True
        failure: psycopg.Error | None = None
        try:
            with self._connection.pipeline():
                try:
                    self._connection.execute("savepoint at_once")
                    for statement in statements:
                        self._connection.execute(sent(statement))
                    self._connection.execute("release savepoint at_once")
                except psycopg.Error as error:  # the later ones in the pipeline fail too, with less useful errors
                    failure = error
        except psycopg.Error as error:
            failure = failure or error
        if failure is not None:
            _require_refusal(failure)
            take_back(self._connection, "at_once")
        return failure is None

    def renamed(self, statement: str, *, concurrent: bool = False) -> str:
        """Rewrite a statement for the stand-ins, without UNLOGGED and CONCURRENTLY: temporary tables need neither.

        A materialized view cannot be temporary: it becomes a table, without rows.
        """
        if statement.startswith(_MATERIALIZED):
            statement = f"{_TABLE}{statement.removeprefix(_MATERIALIZED).removesuffix(_EMPTY)}{_EMPTY}"
        try:
            found = [*tokens(statement)]
        except UnclosedError:
            return statement
        words = [one.text for one in found[:4]]
        left_out = {"unlogged"} if words[:2] == ["create", "unlogged"] else set[str]()
        left_out |= {"concurrently"} if concurrent else set()
        result, position = "", 0
        for place, first in enumerate(found):
            if first.start < position:
                continue
            if place < len(words) and first.text in left_out:
                result += statement[position : first.start]
                position = first.end
            elif first.sort in {"word", "quoted"} and [one.text for one in found[place + 1 : place + 2]] == ["."]:
                second = found[place + 2]
                if name := self._names.get((unquote(first.text), unquote(second.text))):
                    result += statement[position : first.start] + name
                    position = second.end
        return result + statement[position:]


def take_back(connection: Connection, savepoint: LiteralString) -> None:
    """Undo all since a savepoint, and end it, in one round trip."""
    with connection.pipeline():
        connection.execute(f"rollback to savepoint {savepoint}")
        connection.execute(f"release savepoint {savepoint}")


def _require_refusal(error: psycopg.Error) -> None:
    """Raise an error that is not about the statement: the connection was lost, or the server took too long."""
    if not error.sqlstate or error.sqlstate.startswith(("08", "57")):
        raise error
