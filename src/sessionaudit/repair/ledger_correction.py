"""Correct the ledger of migrations: a row more or less, in one transaction that checks that it is nothing else.

The ledger is locked against writers for as long as that takes, and read again first: if it is not as it was when the
migrations were judged, nothing is changed.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import psycopg
from psycopg import sql

from sessionaudit.audits.migrations import ledger_reading
from sessionaudit.audits.migrations.model import LedgerContent
from sessionaudit.audits.migrations.recognition import FoundLedger
from sessionaudit.core.changes import CHANGES
from sessionaudit.core.plain_sql import indentable
from sessionaudit.core.ref import dotted
from sessionaudit.errors import ChangedError, RepairError
from sessionaudit.postgres.connection import broken, roll_back
from sessionaudit.postgres.retry import Retry, retried
from sessionaudit.repair.apply import Manner
from sessionaudit.sql.text import identifier, literal, sent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.audits.migrations.correction import LedgerCorrection
    from sessionaudit.audits.migrations.verdicts import Evidence
    from sessionaudit.postgres.connection import Connection

_COLUMNS = """
select a.attname::text, a.attidentity = 'a', a.attgenerated <> ''
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_class c on c.oid = a.attrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where n.nspname = %s and c.relname = %s and a.attnum > 0 and not a.attisdropped
 order by a.attnum"""
_BEGIN = "begin isolation level read committed, read write"
Row = tuple[str | None, ...]


class CorrectedRow(NamedTuple):
    """A correction that was committed, and the statement that takes it back."""

    correction: LedgerCorrection
    back: str


class CorrectedLedger(NamedTuple):
    """What was corrected, and what the ledger says since."""

    rows: tuple[CorrectedRow, ...]
    content: LedgerContent


def correct(
    connection: Connection,
    evidence: Evidence,
    corrections: Sequence[LedgerCorrection],
    *,
    statement_timeout: float,
    manner: Manner | None = None,
) -> CorrectedLedger:
    """Apply corrections, all of them or none; the timeout is in seconds.

    Raises ChangedError where the ledger is not as it was read, RepairError where a statement would do something else
    than to write or remove its row, and DatabaseError.
    """
    asked = manner or Manner()
    retry = Retry(pause=0.05, growth=1.5, longest=1.0, seconds=asked.lock_wait)
    while True:
        try:
            return _Correcting(connection, evidence).done(corrections, statement_timeout, asked.lock_timeout)
        except psycopg.Error as error:
            roll_back(connection)
            if not (retried(error) and retry.again()):
                raise broken(error, "correcting the ledger") from None
        finally:
            roll_back(connection)


class _Correcting:
    def __init__(self, connection: Connection, evidence: Evidence) -> None:
        if not isinstance(evidence.ledger, LedgerContent):
            raise TypeError(evidence.ledger)
        self._connection, self._evidence, self._content = connection, evidence, evidence.ledger
        self._table = identifier(*self._content.table)

    def done(self, corrections: Sequence[LedgerCorrection], statement: float, lock: float) -> CorrectedLedger:
        self._connection.execute(_BEGIN)
        ledger_reading.settle(self._connection, statement, lock)
        self._connection.execute(sent(f"lock table {self._table} in share row exclusive mode"))
        if self._read() != self._content:
            name = dotted(self._content.table)
            raise ChangedError(
                f"the ledger {name} has changed since it was read; nothing was changed", hint="Run it again."
            )
        rows = tuple(self._corrected(one) for one in corrections)
        content = self._read()
        with CHANGES.committing(len(rows), "row of the ledger"):
            self._connection.execute("commit")
        return CorrectedLedger(rows, content)

    def _read(self) -> LedgerContent:
        found = FoundLedger(self._evidence.tool, self._content.table)
        return ledger_reading.content_of(self._connection, found, self._evidence.folder)

    def _corrected(self, one: LedgerCorrection) -> CorrectedRow:
        """Run one statement, and see that its row is all that it changed."""
        back = f"delete from {self._table} where {one.rows};"
        if not one.adds:
            back = self._putting_back(one)
        before = self._rows()
        self._connection.execute(sent(one.sql))
        self._connection.execute("set constraints all immediate")  # what a deferred trigger does is seen, too
        after = self._rows()
        added, removed = after - before, before - after
        wanted = (1, 0) if one.adds else (0, 1)
        if (added.total(), removed.total()) != wanted or self._count(one) != wanted[0]:
            raise RepairError(
                f"the correction for {one.file or one.version} would add {added.total()} and remove {removed.total()} "
                f"rows of {dotted(self._content.table)}, where one is to be {'added' if one.adds else 'removed'}; "
                "nothing was changed",
                hint=_hint(one),
            )
        if one.adds and one.meant and not self._count(one, f" and {one.meant}"):
            raise RepairError(
                f"the row that the correction for {one.file or one.version} adds to {dotted(self._content.table)} is "
                "not the one that was composed: something in the database changes it; nothing was changed",
                hint=_hint(one),
            )
        return CorrectedRow(one, back)

    def _rows(self) -> Counter[Row]:
        """The rows of the ledger, as text."""
        columns = [sql.SQL("m.{}::text").format(sql.Identifier(name)) for name, _, _ in self._columns()]
        query = sql.SQL("select {} from {} m").format(sql.SQL(", ").join(columns), sql.Identifier(*self._content.table))
        return Counter(self._connection.execute(query).fetchall())

    def _count(self, one: LedgerCorrection, more: str = "") -> int:
        query = f"select pg_catalog.count(*) from {self._table} where {one.rows}{more}"
        found = self._connection.execute(sent(query))
        row = found.fetchone()
        return int(row[0]) if row else 0

    def _columns(self) -> list[tuple[str, bool, bool]]:
        return self._connection.execute(_COLUMNS, list(self._content.table)).fetchall()

    def _putting_back(self, one: LedgerCorrection) -> str:
        """The statement that writes the row again that is to be removed."""
        columns = [(name, always) for name, always, generated in self._columns() if not generated]
        texts = ", ".join(f"{identifier(name)}::text" for name, _ in columns)
        row = self._connection.execute(sent(f"select {texts} from {self._table} where {one.rows}")).fetchone()
        values = ("null" if value is None else literal(value) for value in row or ())
        overriding = " overriding system value" if any(always for _, always in columns) else ""
        names = ", ".join(identifier(name) for name, _ in columns)
        back = f"insert into {self._table} ({names}){overriding} values ({', '.join(values)});"
        return indentable(back, by_bytes=self._content.encoding == "SQL_ASCII")


def _hint(one: LedgerCorrection) -> str:
    return f"Correct it by the tool itself: {one.command}" if one.command else "Correct it by hand."
