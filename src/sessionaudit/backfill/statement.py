"""Read and run a repair file: one statement over the keys of rows.

The first column that it returns is the primary key of the row that it wrote. `key` (the last column of that name, or
the first column if there is none) is the key of the repaired row. NAME_was is the earlier value of NAME.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
from msgspec import Struct

from sessionaudit.audits.data import index_probe, queries
from sessionaudit.audits.data.catalogs import Target, column_types, tables, target
from sessionaudit.audits.data.keys import array, matching, texts
from sessionaudit.audits.data.transaction import said, transaction
from sessionaudit.backfill.references import children
from sessionaudit.backfill.row_changes import Did, RowChange
from sessionaudit.contract.repairs import text_of
from sessionaudit.core import sqlstate
from sessionaudit.core.node import nearest
from sessionaudit.core.place import where
from sessionaudit.core.query import Query, numbered
from sessionaudit.core.ref import dotted
from sessionaudit.errors import ContractError
from sessionaudit.postgres import contract_sql
from sessionaudit.postgres.connection import broken as broken_connection
from sessionaudit.sql.text import identifier, sent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sessionaudit.audits.data.queries import CatalogTable
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.node import Scalar
    from sessionaudit.postgres.connection import Connection

_WAS = "_was"
_VERBS = {"insert": Did.INSERTED, "update": Did.UPDATED, "delete": Did.DELETED}
_TIMEOUT = 30.0
# The row version that a change found: undo uses it if a row was changed more than once. It also distinguishes an update
# that changed nothing from one whose changes are unknown.
_VERSION = "xmin"
# The columns of a table except its key.
_OTHERS = """
select c.oid::bigint, a.attnum::int
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_attribute a on a.attrelid = c.oid
 where n.nspname = %s and c.relname = %s and a.attname <> %s and a.attnum > 0 and not a.attisdropped"""
_NOTHING = "0"  # the xmax of a row that was neither locked nor changed since its insertion


class Statement(Struct, frozen=True, kw_only=True):
    """A repair file's statement: its text, what it does to which table, and the columns that it returns.

    The columns `recalled` of the table are read before and after a statement that does not return what it changed: an
    upsert, a deletion, an update without NAME_was. `recalling` is the statement extended to return, after its own
    columns, these columns' earlier values and the row version that a change found; a plain INSERT has none.
    """

    file: str
    text: str
    did: Did
    target: ObjectPath
    table: CatalogTable
    columns: tuple[str, ...]
    recalled: tuple[str, ...] = ()
    recalling: str = ""

    @property
    def inserts(self) -> bool:
        """Whether the statement is an INSERT."""
        return self.did is Did.INSERTED

    @property
    def query(self) -> Query:
        """The statement for the server; every `%` outside the parameter is a literal one."""
        return Query().statement(self.text, self.file)


def read(connection: Connection, contract: Contract, name: Scalar) -> Statement:
    """Read a repair file. Raises ContractError if it is not valid."""
    text = text_of(contract.file, name)
    place = where(name)
    found = target(text, contract.schema)
    known = tables(connection, [found.path]) if found else {}
    if found is None:
        raise ContractError(
            f"the repair {name} does not write to a table",
            location=place,
            hint="It must be one INSERT, UPDATE or DELETE, optionally with WITH.",
        )
    if found.path not in known:
        near = nearest(dotted(found.path), map(dotted, contract.relations))
        reason = f"the repair {name} writes to {dotted(found.path)}, which does not exist"
        raise ContractError(reason, location=place, hint=near or "Check the table's name.")
    if not known[found.path].single:
        raise ContractError(
            f"the repair {name} writes to {dotted(found.path)}, which has no primary key of one column",
            location=place,
            hint="The key identifies the rows that were written, so that they can be undone.",
        )
    table = known[found.path]
    try:
        with transaction(connection, contract.schema, timeout=_TIMEOUT):
            plan = _plan(connection, Query().statement(text, str(name)))
            columns, first = _columns(connection, text)
            types = column_types(connection, found.path)
            others = connection.execute(_OTHERS, (*found.path, table.key[0])).fetchall()
    except psycopg.Error as error:
        if not sqlstate.refuses_text(error.sqlstate):
            raise broken_connection(error, f"checking the repair {name}") from None
        raise ContractError(f"PostgreSQL rejects the repair {name}: {said(error)}", location=place) from None
    _one_write(plan, name)
    if not columns:
        raise ContractError(
            f"the repair {name} does not return what it wrote",
            location=place,
            hint="End it with RETURNING: the primary key of the row, and, as “key”, the key for which it was written.",
        )
    if first in others:
        raise ContractError(
            f"the first column that the repair {name} returns is not the primary key of {dotted(found.path)}",
            location=place,
            hint=f"Return {dotted(table.key)} first: it identifies the row that was written.",
        )
    did = _VERBS[found.verb]
    upserts = any(node.get("Conflict Resolution") == "UPDATE" for node in index_probe.nodes(plan))
    columns = tuple(_told_of(column, types) for column in columns)
    told = did is Did.UPDATED and any(column.endswith(_WAS) for column in columns)
    recalled = tuple(types) if upserts or did is Did.DELETED or (did is Did.UPDATED and not told) else ()
    return Statement(
        file=str(name),
        text=text,
        did=did,
        target=found.path,
        table=table,
        columns=columns,
        recalled=recalled,
        recalling=_recalling(text, found, table, len(columns), recalled) if recalled or told else "",
    )


def _told_of(column: str, types: Mapping[str, str]) -> str:
    """Return the name of a returned column; "" for a NAME_was without a column NAME in the table."""
    return "" if column.endswith(_WAS) and column.removesuffix(_WAS) not in types else column


def _plan(connection: Connection, statement: Query) -> dict[str, Any]:
    explain = Query("explain (verbose, format json) ").include(statement)
    rows = contract_sql.ask(connection, explain, {"keys": "{}"}).fetchall()
    plans: list[dict[str, Any]] = [one["Plan"] for row in rows for one in row[0]]
    return plans[0] if len(plans) == 1 else {"Node Type": "Result", "Plans": plans}


def _columns(connection: Connection, text: str) -> tuple[tuple[str, ...], tuple[int, int]]:
    """Return the names of a statement's columns, and the origin of the first; it is parsed and not run.

    The origin is the table's oid and the column's number; zeros if it is not a column of a table.
    """
    parsed = connection.pgconn.prepare(b"", sent(numbered(text)))
    described = (
        connection.pgconn.describe_prepared(b"") if parsed.status == psycopg.pq.ExecStatus.COMMAND_OK else parsed
    )
    if described.status != psycopg.pq.ExecStatus.COMMAND_OK:
        raise psycopg.errors.error_from_result(described)
    names = tuple(
        (described.fname(column) or b"").decode(errors="surrogateescape") for column in range(described.nfields)
    )
    return names, (described.ftable(0), described.ftablecol(0)) if names else (0, 0)


def _one_write(plan: dict[str, Any], name: Scalar) -> None:
    """Refuse a statement that writes in several places: undo knows only the rows that it returns."""
    written = [node for node in index_probe.nodes(plan) if node["Node Type"] == "ModifyTable"]
    if len(written) != 1:
        others = ", ".join(sorted({f"{node.get('Schema')}.{node.get('Relation Name')}" for node in written}))
        raise ContractError(
            f"the repair {name} writes to more than one table, or more than once: {others or 'by a rule'}",
            location=where(name),
            hint="It must be one INSERT, UPDATE or DELETE: anything else could not be undone.",
        )


def _recalling(text: str, found: Target, table: CatalogTable, width: int, recalled: Sequence[str]) -> str:
    """Extend the statement to return earlier values: all parts of one statement see the state before it."""
    columns = ", ".join(f"c{index}" for index in range(width))
    before = ", ".join(f"b.{identifier(column)}" for column in (*recalled, _VERSION))
    key = identifier(table.key[0])
    return (
        f"{text[: found.start]}{', ' if found.after_with else 'with '}sessionaudit_done ({columns}) as (\n"
        f"{text[found.start : found.end]}\n)\n"
        f"select d.*, b.{key} is not null, {before} from sessionaudit_done d"
        f" left join {identifier(*found.path)} b on b.{key} {table.equal} d.c0::{table.type}"
    )


class BoundError(Exception):
    """The statement would delete rows that others reference; `reasons` are by the keys of the repaired rows."""

    def __init__(self, reasons: Mapping[str, str]) -> None:
        super().__init__()
        self.reasons = reasons


def run(
    connection: Connection,
    statement: Statement,
    keys: Sequence[str],
    of: CatalogTable,
    *,
    locked: bool = False,
    served: Callable[[], None] = lambda: None,
) -> tuple[RowChange, ...]:
    """Run a repair's statement over some keys of a table, in the open transaction.

    With `locked`, the keys are those of rows of the statement's own table, which are locked. `served` is called when
    the server has finished, before the result is read. Raises BoundError if the statement deletes rows that others
    reference, ContractError if it does not return what it wrote.
    """
    if not keys:
        return ()
    if statement.recalled:
        made = _recalled(connection, statement, keys, of)
        served()
    else:
        held = set[str]()
        if statement.recalling:  # the version of a row is that of the statement's snapshot, unless the row is locked
            held = _lock(connection, statement, keys) if locked else _first(connection, statement, keys)[1]
        asked = Query().statement(statement.recalling, statement.file) if statement.recalling else statement.query
        answer = contract_sql.ask(connection, asked, {"keys": array(keys)})
        served()
        made = _told(statement, answer, held)
    return tuple(_as_given(connection, statement, of, keys, made))


def _told(statement: Statement, cursor: psycopg.Cursor[Any], held: set[str]) -> list[RowChange]:
    """Return the changes that a statement reports, with the versions found of rows that were locked before."""
    key, before = _places(statement)
    if before:
        if statement.recalling:
            before.append((len(statement.columns) + 1, _VERSION))
        return [
            RowChange(
                statement.target,
                statement.did,
                _known(statement, row[0]),
                row[key] or "",
                {name: row[at] for at, name in before if name != _VERSION or row[0] in held},
            )
            for row in texts(cursor)
        ]
    result, did, path = cursor.pgresult, statement.did, statement.target
    if result is None:
        return []
    get, nothing = result.get_value, dict[str, str | None]()
    rows = [(get(row, 0), get(row, key)) for row in range(result.ntuples)]
    if any(row is None for row, _ in rows):
        _known(statement, None)
    return [RowChange(path, did, _text(row), _text(key), nothing) for row, key in rows]


def _text(value: bytes | None) -> str:
    return (value or b"").decode(errors="surrogateescape")


def _known(statement: Statement, row: str | None) -> str:
    """Return the primary key of a written row; without it the row can be neither verified nor undone."""
    if row is None:
        raise ContractError(
            f"the repair {statement.file} returned a null as the primary key of a row of {dotted(statement.target)}; "
            f"the current batch was not committed",
            hint="Its first column must be the primary key of the row that it wrote.",
        )
    return row


def _places(statement: Statement) -> tuple[int, list[tuple[int, str]]]:
    """Return the positions of the key and of the NAME_was columns."""
    names = statement.columns
    key = max((index for index, name in enumerate(names) if name == "key"), default=0)
    return key, [(index, name.removesuffix(_WAS)) for index, name in enumerate(names) if name.endswith(_WAS)]


def _as_given(
    connection: Connection, statement: Statement, of: CatalogTable, keys: Sequence[str], made: list[RowChange]
) -> list[RowChange]:
    """Return the rows with their keys spelled as they were given: a repair may return 1.0 for 1.00.

    Raises ContractError if a repair returns other keys: otherwise unrelated rows would be verified and superseded.
    """
    known = set(keys)
    strange = [one.key for one in made if one.key not in known]
    if not strange:
        return made
    try:
        with connection.transaction():  # the value that a repair returns need not be a key at all
            same = matching(connection, of, keys, strange)
    except psycopg.DataError:
        same = {}
    others = [key for place, key in enumerate(strange) if place not in same]
    if others:
        raise ContractError(
            f"the repair {statement.file} returned “{others[0]}” as a key, which it was not given; its batch "
            "was not committed",
            hint="It must return, as “key”, the key for which each row was written.",
        )
    spelled = {strange[other]: keys[position] for other, position in same.items()}
    return [one._replace(key=spelled.get(one.key, one.key)) for one in made]


def _recalled(connection: Connection, statement: Statement, keys: Sequence[str], of: CatalogTable) -> list[RowChange]:
    """Find out what a statement changed that does not return it.

    Its rows are locked first, so that the values read before the second run are those that this run finds.
    """
    first, held = _first(connection, statement, keys)
    if statement.did is Did.DELETED:
        _leave(connection, statement, _as_given(connection, statement, of, keys, first))
    recalling = Query().statement(statement.recalling, statement.file)
    rows = texts(contract_sql.ask(connection, recalling, {"keys": array(keys)}))
    after = {} if statement.did is Did.DELETED else _after(connection, statement, [row[0] or "" for row in rows])
    width = len(statement.columns)
    made: list[RowChange] = []
    for number, row in enumerate(rows):
        there = row[width] == "t"
        before = dict(zip((*statement.recalled, _VERSION), row[width + 1 :], strict=True))
        touched, now = after.get(number, ("", {}))
        did = statement.did
        was: Mapping[str, str | None] = before if there and row[0] in held else {}
        if did is Did.INSERTED and (there or touched != _NOTHING):
            did = Did.UPDATED  # a row of another session, which undo must not delete
        if did is Did.INSERTED:
            was = {}
        elif did is Did.UPDATED:
            was = {name: value for name, value in was.items() if name not in now or value != now[name]}
        if did is Did.DELETED and not was:
            raise psycopg.errors.SerializationFailure("a row was created between two reads")
        made.append(_told_row(statement, row)._replace(did=did, was=was))
    return made


def _first(connection: Connection, statement: Statement, keys: Sequence[str]) -> tuple[list[RowChange], set[str]]:
    """Run a statement and roll it back, to find which rows it writes. Lock these; return them, and what is locked."""
    connection.execute("savepoint sessionaudit")
    answer = contract_sql.ask(connection, statement.query, {"keys": array(keys)})
    first = [_told_row(statement, row) for row in texts(answer)]
    connection.execute("rollback to savepoint sessionaudit")
    connection.execute("release savepoint sessionaudit")  # otherwise the rows would belong to a subtransaction
    return first, _lock(connection, statement, [one.row for one in first])


def _told_row(statement: Statement, row: Sequence[str | None]) -> RowChange:
    key, _ = _places(statement)
    return RowChange(statement.target, statement.did, _known(statement, row[0]), row[key] or "", {})


def _leave(connection: Connection, statement: Statement, made: Sequence[RowChange]) -> None:
    """Refuse to delete rows that others reference: cascading changes are not reported, and cannot be undone."""
    found = children(connection, statement.target, [one.row for one in made])
    if found:
        bound = [one for one in made if one.row in found]
        raise BoundError({one.key: f"{dotted(one.table)} {one.row} must stay: {found[one.row][0]}" for one in bound})


def _lock(connection: Connection, statement: Statement, rows: Sequence[str]) -> set[str]:
    """Lock those of the rows that exist; return their keys, as the session spells them."""
    key = identifier(statement.table.key[0])
    strength = "no key update" if statement.did is Did.UPDATED and not statement.recalled else "update"
    asked = (
        f"select t.{key} from {identifier(*statement.target)} t"
        f" where t.{key} {statement.table.equal} any (%(rows)s::{statement.table.type}[])"
        f" order by t.{key} for {strength}"
    )
    return {row[0] or "" for row in texts(connection.execute(queries.spelled(asked), {"rows": array(rows)}))}


def _after(
    connection: Connection, statement: Statement, rows: Sequence[str]
) -> dict[int, tuple[str | None, dict[str, str | None]]]:
    """Return each row's xmax and current columns, by its position."""
    key = identifier(statement.table.key[0])
    columns = ", ".join(f"t.{identifier(column)}" for column in statement.recalled)
    asked = (
        f"select (k.n - 1)::int, t.xmax, {columns}"
        f" from pg_catalog.unnest(%(rows)s::{statement.table.type}[]) with ordinality as k (key, n)"
        f" join {identifier(*statement.target)} t on t.{key} {statement.table.equal} k.key"
    )
    found = texts(connection.execute(queries.spelled(asked), {"rows": array(rows)}))
    return {int(row[0] or 0): (row[1], dict(zip(statement.recalled, row[2:], strict=True))) for row in found}
