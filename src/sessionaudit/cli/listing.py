"""What `backfill --list` does: every row that breaks an invariant, as it comes; nothing is written to the database."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sessionaudit.audits import runner
from sessionaudit.audits.audit import Options
from sessionaudit.audits.data import selected_invariants
from sessionaudit.backfill import listing
from sessionaudit.cli.mending_call import moment_of
from sessionaudit.cli.outcome import say, spelled_error
from sessionaudit.cli.streaming import ReaderGoneError, writing
from sessionaudit.core.finding import Skipped
from sessionaudit.errors import EXIT_CLEAN, EXIT_DATABASE, EXIT_FINDINGS, SessionAuditError
from sessionaudit.postgres.connection import closing, connect
from sessionaudit.report import broken_rows as page
from sessionaudit.report.broken_rows import Listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from sessionaudit.audits.data.query import Table
    from sessionaudit.contract.invariants import Invariant
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.finding import Finding
    from sessionaudit.postgres.connection import Connection, Url
    from sessionaudit.report.broken_rows import Writer


class _NotWholeError(Exception):
    """Some rows could not be listed, so that there is no list to put into a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What the command is given; timeouts are in seconds."""

    url: Url
    contract: Path
    invariant: str | None
    since: str
    limit: int | None
    format: str = "table"
    output: Path | None = None
    quiet: bool = False
    statement_timeout: float = 30
    data_timeout: float = 60

    def with_(self, **others: Any) -> Call:
        """The same with other values."""
        return replace(self, **others)


def run(call: Call) -> int:
    """List the rows that a call asks for, and return the exit code. Raises SessionAuditError."""
    asked = Options(statement_timeout=call.statement_timeout, without=("data",))
    examined = runner.examine(call.url, call.contract, asked)
    chosen = selected_invariants.listed(examined.contract, call.invariant)
    with closing(connect(call.url)) as connection:
        work = _Work(call, connection, examined.contract, examined.report.findings)
        known = [(invariant, work.table(invariant)) for invariant in chosen]
        since = moment_of(connection, [(one, at) for one, at in known if not isinstance(at, Skipped)], call.since)
        about: dict[str, Any] = {"database": examined.report.where.name, "contract": examined.contract.file}
        about |= {"since": since or None, "limit": call.limit}
        try:
            with writing(call.output) as write:
                writer = _writer(call, write if call.output or not call.quiet else _nowhere)
                writer.begin(about, chosen)
                work.all(writer, known, since)
                if call.output and not work.whole:
                    raise _NotWholeError  # within, so that the file stays as it was
        except _NotWholeError:
            return _end(call, work.told, written=False)
        except ReaderGoneError:  # who closed the pipe has seen enough; of what was not read nothing is known
            return EXIT_FINDINGS if work.count else EXIT_DATABASE
    return _end(call, work.told)


def _writer(call: Call, write: page.Write) -> Writer:
    seen = call.format == "csv" and call.output is None and _to_a_terminal()
    return page.SeenCsv(write) if seen else page.WRITERS[call.format](write)


def _to_a_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def _nowhere(_text: str) -> None:
    """Take a text that nobody wants."""


def _end(call: Call, told: list[Listed], *, written: bool = True) -> int:
    apart = call.format != "table" or call.output or call.quiet  # what a table shows is not told again
    for one in told if apart else ():
        if one.skipped is not None:
            say(page.not_listed(one.skipped))
    if not written:
        say(f"{page.total(told)} {call.output} was not written: the list would be incomplete.")
    elif apart and not call.quiet:
        say(page.total(told) + (f" Written to {call.output}." if call.output else ""))
    if any(one.skipped is not None for one in told):
        return EXIT_DATABASE
    return EXIT_FINDINGS if any(one.count for one in told) else EXIT_CLEAN


@dataclass(slots=True)
class _Work:
    """Reads the rows of invariants and hands them on: `count` so far; `told` has those invariants that are done."""

    call: Call
    connection: Connection
    contract: Contract
    found: Sequence[Finding]
    told: list[Listed] = field(default_factory=list)
    count: int = 0

    @property
    def whole(self) -> bool:
        """Whether every row of what is done was read."""
        return all(one.skipped is None for one in self.told)

    def table(self, invariant: Invariant) -> Table | Skipped:
        return listing.table_of(self.connection, self.contract, invariant, self.found)

    def all(self, writer: Writer, known: Iterable[tuple[Invariant, Table | Skipped]], since: str) -> None:
        """Write all rows, and the error that ends it before its time. Raises SessionAuditError."""
        try:
            for invariant, table in known:
                writer.invariant(invariant)
                self.told.append(self._one(writer, invariant, table, since))
                writer.ended(self.told[-1])
        except (SessionAuditError, KeyboardInterrupt) as error:
            writer.end(self.told, spelled_error(error))
            raise
        writer.end(self.told, None)

    def _one(self, writer: Writer, invariant: Invariant, table: Table | Skipped, since: str) -> Listed:
        if isinstance(table, Skipped):
            return Listed(invariant=invariant, skipped=table)
        call, count, limit, skipped = self.call, 0, self.call.limit, None
        asked = None if limit is None else limit + 1  # one more tells whether there are more
        pieces = listing.rows(
            self.connection,
            self.contract,
            invariant,
            table,
            self.found,
            timeout=call.data_timeout,
            since=since,
            limit=asked,
        )
        try:
            with contextlib.closing(pieces):
                for rows in pieces:
                    writer.rows(rows if limit is None else rows[: limit - count])
                    count += len(rows)
                    self.count += len(rows)
        except listing.NotListedError as error:
            skipped = error.skipped
        shown = count if limit is None else min(count, limit)
        return Listed(invariant=invariant, count=shown, more=count > shown, skipped=skipped)
