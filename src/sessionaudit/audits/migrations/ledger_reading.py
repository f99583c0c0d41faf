"""Read the ledger of a folder of migrations from a database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import psycopg
from psycopg import sql

from sessionaudit.audits.migrations.ledgers import LEDGERS
from sessionaudit.audits.migrations.ledgers.interface import key_of
from sessionaudit.audits.migrations.model import Folder, LedgerContent, LedgerHindrance, LedgerTable
from sessionaudit.audits.migrations.recognition import FoundLedger, recognise_ledger
from sessionaudit.core.finding import Skipped
from sessionaudit.core.query import constant
from sessionaudit.core.ref import dotted
from sessionaudit.postgres.connection import broken, limit, roll_back, user
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from collections.abc import Collection

    from sessionaudit.postgres.connection import Connection

_CANDIDATES = Path(__file__).with_name("ledger_candidates.sql").read_bytes()
_BEGIN = "begin transaction isolation level repeatable read, read only"
_SETTINGS = """
select pg_catalog.set_config('search_path', '', true),
       pg_catalog.set_config('datestyle', 'ISO', true),
       pg_catalog.set_config('timezone', 'UTC', true),
       pg_catalog.set_config('row_security', 'off', true)"""
_COLUMNS = """
select a.attname::text
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_class c on c.oid = a.attrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where n.nspname = %s and c.relname = %s and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
 order by a.attnum"""
# What else happens when a row is written or removed.
_HINDRANCES = """
select pg_catalog.format(found.what, found.name), found.of_removal
  from (select 'the trigger %I is on it' as what, t.tgname::text as name, false as of_removal, t.tgrelid as relation
          from pg_catalog.pg_trigger t
         where not t.tgisinternal and t.tgenabled <> 'D'
         union all
        select 'the rule %I is on it', r.rulename::text, false, r.ev_class
          from pg_catalog.pg_rewrite r
         where r.rulename <> '_RETURN' and r.ev_enabled <> 'D'
         union all
        select 'the foreign key %I changes other rows with its own', f.conname::text, true, f.confrelid
          from pg_catalog.pg_constraint f
         where f.contype = 'f' and f.confdeltype in ('c', 'n', 'd')) as found
  join pg_catalog.pg_class c on c.oid = found.relation
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where n.nspname = %(schema)s and c.relname = %(name)s
 order by found.of_removal, found.what collate "C", found.name collate "C" """
_LOCK = 1  # second
_COMMON = ("id", "name", "version")  # columns of many tables
# Of each ledger, the column that fewest other tables have.
_TELLING = sorted(
    {min(ledger.kept.columns, key=lambda name: (name in _COMMON, name)) for ledger in LEDGERS if ledger.kept}
)


class Ledgers(NamedTuple):
    """The ledgers of a database; `unreadable` are those that the role may not read."""

    found: tuple[FoundLedger, ...]
    unreadable: frozenset[LedgerTable]


def find(connection: Connection, *, timeout: float) -> Ledgers:
    """Find the tables that are ledgers by their columns, in one read-only snapshot. Raises DatabaseError."""
    try:
        _begin(connection, timeout)
        rows = connection.execute(_CANDIDATES, {"columns": _TELLING}).fetchall()
    except psycopg.Error as error:
        raise broken(error, "looking for the ledger of migrations") from None
    finally:
        roll_back(connection)
    tables: dict[LedgerTable, dict[str, str]] = {}
    unreadable: set[LedgerTable] = set()
    for schema, name, readable, filtered, columns, types in rows:
        table = LedgerTable(schema, name)
        tables[table] = dict(zip(columns, types, strict=True))
        if not readable or filtered:
            unreadable.add(table)
    return Ledgers(recognise_ledger(tables), frozenset(unreadable))


def read(
    connection: Connection, found: FoundLedger, folder: Folder, unreadable: Collection[LedgerTable], *, timeout: float
) -> LedgerContent | Skipped:
    """Read a ledger, with what it implies of the folder's migrations. Raises DatabaseError."""
    ledger, table = found
    if ledger.kept is None:
        raise AssertionError(ledger)
    if table in unreadable:
        return _unreadable(connection, table)
    try:
        _begin(connection, timeout)
        return content_of(connection, found, folder)
    except psycopg.errors.InsufficientPrivilege:
        return _unreadable(connection, table)
    except psycopg.Error as error:
        raise broken(error, f"reading the ledger {dotted(table)}") from None
    finally:
        roll_back(connection)


def content_of(connection: Connection, found: FoundLedger, folder: Folder) -> LedgerContent:
    """Read a ledger in the transaction that is open, which has called `settle`. Raises psycopg.Error."""
    ledger, table = found
    kept = ledger.kept
    if kept is None:
        raise AssertionError(ledger)
    rows = connection.execute(sql.SQL(kept.query).format(table=sql.Identifier(*table))).fetchall()
    columns = tuple(name for (name,) in connection.execute(_COLUMNS, list(table)).fetchall())
    recorded = kept.implied(folder, tuple(kept.recorded(rows)))
    outside = kept.outside(folder, recorded)
    hindrances = connection.execute(constant(_HINDRANCES), {"schema": table[0], "name": table[1]}).fetchall()
    return LedgerContent(
        ledger=ledger.name,
        table=table,
        recorded=tuple(one for one in recorded if key_of(one) not in outside),
        heads_only=kept.heads_only,
        outside=tuple(one for one in recorded if key_of(one) in outside),
        columns=columns,
        hindrances=tuple(LedgerHindrance(why, of_removal) for why, of_removal in hindrances),
        encoding=connection.info.parameter_status("server_encoding") or "UTF8",
    )


def settle(connection: Connection, statement: float, lock: float) -> None:
    """Set up a transaction in which a ledger is read; the timeouts are in seconds. Raises psycopg.Error."""
    limit(connection, statement, lock)
    connection.execute(_SETTINGS)


def _begin(connection: Connection, timeout: float) -> None:
    with connection.pipeline():
        connection.execute(_BEGIN)
        settle(connection, timeout, _LOCK)


def _unreadable(connection: Connection, table: LedgerTable) -> Skipped:
    role = quoted(user(connection))
    return Skipped(
        f"the ledger {dotted(table)}",
        "the role may not read all of it",
        f"grant usage on schema {quoted(table.schema)} to {role}; grant select on {dotted(table)} to {role}; "
        "or connect as the role that runs the migrations.",
    )
