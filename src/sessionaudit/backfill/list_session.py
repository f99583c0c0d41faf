"""List the rows that violate invariants, as they are read; nothing is written to the database."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

from sessionaudit.audits import AUDITS, runner
from sessionaudit.audits.audit import Options
from sessionaudit.audits.data import selected_invariants
from sessionaudit.backfill import broken_rows, since
from sessionaudit.core.finding import Skipped
from sessionaudit.core.underway import UNDERWAY
from sessionaudit.postgres.connection import closing, connect

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence
    from pathlib import Path

    from sessionaudit.audits.data.queries import CatalogTable
    from sessionaudit.backfill.broken_rows import Row
    from sessionaudit.contract.invariants import Invariant
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.finding import Finding
    from sessionaudit.postgres.connection import Connection, Url


class ListOptions(Struct, frozen=True, kw_only=True):
    """The options of a list; timeouts are in seconds, `limit` applies to each invariant."""

    url: Url
    contract: Path
    invariant: str | None = None
    since: str = ""
    limit: int | None = None
    statement_timeout: float = 30
    data_timeout: float = 60


class Listed(Struct, frozen=True, kw_only=True):
    """The result of one invariant's list: how many rows, whether the limit ended it, why it is incomplete."""

    invariant: Invariant
    count: int = 0
    more: bool = False
    skipped: Skipped | None = None


class RowsListener(Protocol):
    """Receives each invariant, and its rows, some at a time."""

    def invariant(self, invariant: Invariant) -> None:
        """The rows of this invariant follow."""

    def rows(self, rows: Iterable[Row]) -> None:
        """Some rows of the invariant: the key, the time since when it exists, and the shown values."""

    def ended(self, listed: Listed) -> None:
        """The invariant's list has ended."""


@dataclass(slots=True, kw_only=True)
class ListSession:
    """A list of the rows of `invariants`; `listed` holds the finished ones, `count` is the number of rows so far."""

    options: ListOptions
    connection: Connection
    database: str
    contract: Contract
    findings: Sequence[Finding]
    invariants: tuple[Invariant, ...]
    listed: list[Listed] = field(default_factory=list[Listed])
    count: int = 0
    _tables: list[CatalogTable | Skipped] = field(init=False)
    _since: str = field(init=False)

    def __post_init__(self) -> None:
        self._tables = [
            broken_rows.table_of(self.connection, self.contract, one, self.findings) for one in self.invariants
        ]
        known = [
            (one, table)
            for one, table in zip(self.invariants, self._tables, strict=True)
            if not isinstance(table, Skipped)
        ]
        self._since = since.moment(self.connection, known, self.options.since)

    @property
    def about(self) -> dict[str, Any]:
        """What the output says about the whole list."""
        return {
            "database": self.database,
            "contract": self.contract.file,
            "since": self._since or None,
            "limit": self.options.limit,
        }

    @property
    def whole(self) -> bool:
        """Whether every row of the finished invariants was read."""
        return all(one.skipped is None for one in self.listed)

    def run(self, listener: RowsListener) -> None:
        """Read all rows. Raises SessionAuditError; rows passed on before that remain valid."""
        for invariant, table in zip(self.invariants, self._tables, strict=True):
            listener.invariant(invariant)
            self.listed.append(self._one(listener, invariant, table))
            listener.ended(self.listed[-1])

    def _one(self, listener: RowsListener, invariant: Invariant, table: CatalogTable | Skipped) -> Listed:
        if isinstance(table, Skipped):
            return Listed(invariant=invariant, skipped=table)
        count, limit, skipped = 0, self.options.limit, None
        pieces = broken_rows.rows(
            self.connection,
            self.contract,
            invariant,
            table,
            self.findings,
            timeout=self.options.data_timeout,
            since=self._since,
            limit=None if limit is None else limit + 1,  # one more row shows whether there are more
        )
        try:
            with contextlib.closing(pieces), UNDERWAY.doing(f"listing rows: {invariant.name}") as reading:
                for rows in pieces:
                    reading.advance(len(rows))
                    listener.rows(rows if limit is None else rows[: limit - count])
                    count += len(rows)
                    self.count += len(rows)
        except broken_rows.NotListedError as error:
            skipped = error.skipped
        shown = count if limit is None else min(count, limit)
        return Listed(invariant=invariant, count=shown, more=count > shown, skipped=skipped)


@contextlib.contextmanager
def listing(options: ListOptions) -> Generator[ListSession]:
    """Read the contract, audit the schema, and open a list of the rows. Raises SessionAuditError."""
    asked = Options(statement_timeout=options.statement_timeout, without=AUDITS[1:])
    examined = runner.examine(options.url, options.contract, asked)
    chosen = selected_invariants.listed(examined.contract, options.invariant)
    with closing(connect(options.url)) as connection:
        yield ListSession(
            options=options,
            connection=connection,
            database=examined.report.where.name,
            contract=examined.contract,
            findings=examined.report.findings,
            invariants=chosen,
        )
