"""Taking back what a backfill made, as its journal tells: only rows that nobody has changed since."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import psycopg

from sessionaudit.connection import broken as broken_connection
from sessionaudit.core.ref import dotted
from sessionaudit.core.sql import identifier
from sessionaudit.data.catalogs import column_types, tables
from sessionaudit.data.journal import Entry, Journal, batches, identity, marks
from sessionaudit.data.made import Did
from sessionaudit.data.query import spelled
from sessionaudit.data.transaction import said, transaction
from sessionaudit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from sessionaudit.connection import Connection
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.data.journal import Marks
    from sessionaudit.data.made import Made

_TIMEOUT = 120.0
_LOCK_TIMEOUT = 5.0
_XIDS = 2**32
_NOT_COME_TO = "22023"
_OF_THE_ROWS = ("22", "23", "P0")  # values that do not fit, constraints, and what triggers raise
_SHOWN = 20


@dataclass(slots=True)
class Undone:
    """What was taken back: rows deleted and rows set back; rows that were gone already; rows that were refused."""

    deleted: int = 0
    restored: int = 0
    gone: int = 0
    refused: int = 0
    refusals: list[str] = field(default_factory=list)


def settle(connection: Connection, path: Path, journal: Journal | None = None) -> tuple[Marks, int]:
    """Find out of the batches in doubt whether they were committed; what became of all, and how many rows came about.

    The answers are written into the `journal`. Raises DatabaseError where a transaction is under way still.
    """
    try:
        return _settled(connection, path, journal)
    except psycopg.Error as error:
        raise broken_connection(error, "finding out what became of the journal's batches") from None


def _settled(connection: Connection, path: Path, journal: Journal | None) -> tuple[Marks, int]:
    told = marks(path)
    lost = set(told.lost)
    number = 0
    for entry in batches(path):
        if entry.number not in told.closed | told.lost and not _committed(connection, entry):
            lost.add(entry.number)
            if journal is not None:
                journal.lost(entry.number)
        elif entry.number not in told.closed | told.lost and journal is not None:
            journal.close_batch(entry.number)
        if entry.number not in lost:
            number += sum(one.did is Did.INSERTED for one in entry.made)
    return told._replace(lost=frozenset(lost)), number


def _committed(connection: Connection, entry: Entry) -> bool:
    """Whether a batch's transaction came about: PostgreSQL remembers it for long; after that the rows tell."""
    status = _ended(connection, entry.transaction)
    if status == "in progress":
        raise UsageError(
            f"batch {entry.number} of the journal is being committed at this moment",
            hint="Wait until its transaction has ended, then run this again.",
        )
    if status is not None:
        return bool(status == "committed")
    return any(standing(connection, entry.made))


def valid(connection: Connection, path: Path, invariant: str) -> Iterator[Entry]:
    """The batches of an invariant that came about and were not taken back, of a journal that is settled."""
    told = marks(path)
    for entry in batches(path):
        if entry.invariant != invariant or entry.number in told.lost:
            continue
        if _ended(connection, told.undone.get(entry.number)) != "committed":
            yield entry


def _ended(connection: Connection, number: int | None) -> str | None:
    """What became of a transaction: committed, aborted, in progress; None where PostgreSQL does not remember."""
    if number is None:
        return None
    try:
        asked = "select pg_catalog.pg_xact_status(%s::text::xid8)"
        row = connection.execute(asked, (str(number),)).fetchone()
    except psycopg.Error as error:
        if error.sqlstate != _NOT_COME_TO:
            raise broken_connection(error, "asking what became of a transaction") from None
        raise UsageError(
            f"the server has not come to transaction {number} of the journal: it is not the one of the journal, "
            f"or was set back since",
            hint="Name the --database-url that the journal was written for.",
        ) from None
    return row[0] if row else None


def standing(connection: Connection, made: Iterable[Made]) -> list[str]:
    """Which of the inserted rows are there, by their primary keys. Raises psycopg.Error."""
    found: list[str] = []
    for path, rows in _by_table(one for one in made if one.did is Did.INSERTED).items():
        table = tables(connection, [path]).get(path)
        if table is None or len(table.key) != 1:
            continue
        key = identifier(table.key[0])
        asked = f"select {key}::text from {identifier(*path)} where {key} = any (%(rows)s::{table.type}[])"
        found += [row[0] for row in connection.execute(spelled(asked), {"rows": [one.row for one in rows]})]
    return found


def _by_table(made: Iterable[Made]) -> dict[ObjectPath, list[Made]]:
    groups: dict[ObjectPath, list[Made]] = {}
    for one in made:
        groups.setdefault(one.table, []).append(one)
    return groups


def undo(connection: Connection, path: Path, schema: str, *, run: str, tell: Callable[[Undone], None]) -> Undone:
    """Take back all batches of a journal, the last one first, each in one transaction.

    A row that a batch made is deleted, one that it changed gets back what it was, if it is still as the
    batch left it: the version of a row names the transaction that wrote it. Others are refused, and so is
    a batch that constraints stand against by now. The journal is told, so that a second call takes nothing
    back twice. Raises UsageError where the file is no journal, DatabaseError where the server fails.
    """
    journal = Journal.open(path, run=run, about=identity(connection))
    result = Undone()
    try:
        told, _ = settle(connection, path, journal)
        ours = {number % _XIDS for number in told.undone.values()}
        for entry in batches(path, last_first=True):
            if entry.number in told.lost or _ended(connection, told.undone.get(entry.number)) == "committed":
                continue
            before = replace(result, refusals=[*result.refusals])
            try:
                ours.add(_take_back_batch(connection, entry, schema, journal, ours, result) % _XIDS)
            except psycopg.Error as error:
                if not (error.sqlstate or "").startswith(_OF_THE_ROWS):
                    raise
                result = before
                result.refused += len(entry.made)
                result.refusals.append(f"batch {entry.number}, whole: {said(error)}")
            tell(result)
    except psycopg.Error as error:
        raise broken_connection(error, "taking rows back") from None
    finally:
        journal.close()
    return result


def _take_back_batch(
    connection: Connection, entry: Entry, schema: str, journal: Journal, ours: set[int], result: Undone
) -> int:
    """Take back one batch, in a transaction; its number. Raises psycopg.Error, and then nothing was done."""
    with transaction(connection, schema, timeout=_TIMEOUT, lock_timeout=_LOCK_TIMEOUT, write=True):
        row = connection.execute("select pg_catalog.pg_current_xact_id()::text::bigint").fetchone()
        number: int = row[0] if row else 0
        journal.undone(entry.number, number)
        for (table, did), made in _groups(entry.made).items():
            _take_back(connection, table, made, entry.transaction, ours, result, did=did)
        connection.execute("commit")
    return number


def _groups(made: Iterable[Made]) -> dict[tuple[ObjectPath, Did], list[Made]]:
    groups: dict[tuple[ObjectPath, Did], list[Made]] = {}
    for one in reversed(list(made)):
        groups.setdefault((one.table, one.did), []).append(one)
    return groups


def _take_back(
    connection: Connection,
    path: ObjectPath,
    made: list[Made],
    number: int,
    ours: set[int],
    result: Undone,
    *,
    did: Did,
) -> None:
    table = tables(connection, [path]).get(path)
    if table is None or len(table.key) != 1:
        result.refused += len(made)
        result.refusals.append(f"{dotted(path)} is not there, or has no primary key of one column")
        return
    key = identifier(table.key[0])
    rows = {one.row: one for one in made}
    there = f"from {identifier(*path)} where {key} = any (%(rows)s::{table.type}[])"
    asked = f"select {key}::text, xmin::text::bigint {there} order by {key} for update"
    found: dict[str, int] = dict(connection.execute(spelled(asked), {"rows": list(rows)}).fetchall())
    result.gone += len(rows) - len(found)
    as_left = [row for row, version in found.items() if version == number % _XIDS or version in ours]
    for row in found.keys() - set(as_left):
        result.refused += 1
        if len(result.refusals) < _SHOWN:
            result.refusals.append(f"{dotted(path)} {row} was changed since")
    if did is Did.INSERTED:
        delete = spelled(f"delete {there}")
        result.deleted += connection.execute(delete, {"rows": as_left}).rowcount if as_left else 0
    else:
        result.restored += _restore(connection, path, key, table.type, [rows[row] for row in as_left])


def _restore(connection: Connection, path: ObjectPath, key: str, type_: str, made: list[Made]) -> int:
    """Set columns back to what they were; rows whose columns are not known stay as they are."""
    shapes: dict[tuple[str, ...], list[Made]] = {}
    for one in made:
        shapes.setdefault(tuple(sorted(one.was)), []).append(one)
    number = 0
    types = column_types(connection, path)
    for columns, rows in shapes.items():
        known = [column for column in columns if column in types]
        if not known:
            continue
        # As texts, since an array of arrays would come apart into all of their elements.
        setting = ", ".join(f"{identifier(column)} = w.c{index}::{types[column]}" for index, column in enumerate(known))
        arrays = ", ".join(f"pg_catalog.unnest(%(c{index})s::text[])" for index in range(len(known)))
        names = ", ".join(f"c{index}" for index in range(len(known)))
        update = (
            f"update {identifier(*path)} as t set {setting}"
            f" from rows from (pg_catalog.unnest(%(rows)s::{type_}[]), {arrays}) as w (row, {names})"
            f" where t.{key} = w.row"
        )
        values: dict[str, Any] = {f"c{index}": [one.was[column] for one in rows] for index, column in enumerate(known)}
        number += connection.execute(spelled(update), {"rows": [one.row for one in rows], **values}).rowcount
    return number
