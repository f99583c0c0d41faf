"""What a call of `backfill` is given, and what every form of it writes into its journal."""

from __future__ import annotations

import contextlib
import datetime as dt
import secrets
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sessionaudit.audits.data import query
from sessionaudit.backfill import bulk, state_folder
from sessionaudit.backfill.journal import Journal
from sessionaudit.backfill.journal_commits import settle
from sessionaudit.cli.options import Format
from sessionaudit.cli.outcome import say
from sessionaudit.core.calling import CALLING
from sessionaudit.core.changes import CHANGES
from sessionaudit.core.visible import option_path, shell_path
from sessionaudit.errors import JournalError, UsageError
from sessionaudit.postgres.identity import identity

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence

    from sessionaudit.audits.data.query import Table
    from sessionaudit.backfill.pace import Pace
    from sessionaudit.contract.invariants import Invariant
    from sessionaudit.contract.model import Contract
    from sessionaudit.postgres.connection import Connection, Url


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What every form of the command is given."""

    url: Url
    contract: Path
    invariant: str | None
    dry: bool
    yes: bool
    keep_older: bool = False
    format_: Format = Format.table
    quiet: bool = False
    journal: Path | None = None
    statement_timeout: float = 30
    data_timeout: float = 60

    def with_(self, **others: Any) -> Call:
        """The same with other values."""
        return replace(self, **others)


class Everything(NamedTuple):
    """Whether all rows are meant, which of them, and how fast."""

    wanted: bool
    since: str
    limit: int | None
    jobs: int
    pace: Pace


def name() -> str:
    """A name for a run: the time, and what tells it from others of the same second."""
    return f"{dt.datetime.now(tz=dt.UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def about(connection: Connection, contract: Contract, invariants: Sequence[str]) -> dict[str, Any]:
    """What a journal says of its run. Raises DatabaseError."""
    began = f"{dt.datetime.now(tz=dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
    return {
        **identity(connection),
        "contract": str(Path(contract.file).resolve()),
        "schema": contract.schema,
        "invariants": list(invariants),
        "at": began,
    }


def cut_short(call: Call, told: dict[str, Any], *, tell_others: bool = True) -> Path | None:
    """The journal to go on with: the one that the call names, or that of a run that was cut short."""
    if call.journal is not None:
        return call.journal if call.journal.exists() else None
    ours, others = state_folder.unfinished(told, told["invariants"])
    for path in others if tell_others else ():
        if not call.quiet:
            say(
                f"{path} is the journal of another interrupted run: run its command again, with --journal, to finish "
                "it."
            )
    if not ours:
        return None
    more = f" ({len(ours) - 1} more are left for later runs)" if len(ours) > 1 else ""
    if not call.quiet:
        say(f"{ours[0]} is the journal of an interrupted run, which is resumed{more}.")
    return ours[0]


def moment_of(connection: Connection, of: Iterable[tuple[Invariant, Table]], since: str) -> str:
    """What --since names as a moment, which is the same for all that follows. Raises UsageError and DatabaseError."""
    if not since:
        return ""
    for invariant, table in of:
        if query.since(invariant, table) is None:
            raise UsageError(
                f"--since cannot be used for {invariant.name}: its table has no column created_at",
                hint="State in the contract when a row was created (since: EXPRESSION), or choose another --invariant.",
            )
    return bulk.moment(connection, since)


@contextlib.contextmanager
def journalling(
    call: Call, connection: Connection, batch: str, told: dict[str, Any], path: Path | None = None
) -> Generator[Journal]:
    """The journal of a run: the one that the call names, else `path`, else a new one in the folder of the user's state.

    One that tells nothing in the end is taken away; of any other the path is told, and how to take it back. Raises
    UsageError, before anything was done, where it cannot be written.
    """
    wanted = call.journal or path or state_folder.fresh(batch)
    try:
        journal = Journal.open(wanted, run=batch, about=told)
    except (UsageError, JournalError) as error:
        if call.journal is None and not error.hint:
            error.hint = "Name a file with --journal FILE."
        raise
    undo = CALLING.line("undo", operands=(option_path(wanted),))
    same = CALLING.again(instead={"journal": ["--journal", option_path(wanted)]})
    goes_on = f"`{same}`" if same else f"The same command with --journal {shell_path(wanted)}"
    CHANGES.advice = f"{goes_on} resumes, and repairs nothing twice; `{undo}` undoes it."
    try:
        told_of, before = settle(connection, wanted, journal)
        for damage in told_of.damaged:
            say(f"{wanted}: {damage}.")
        if before and not call.quiet:
            rows = "1 row was" if before == 1 else f"{before:,} rows were"
            say(f"Resuming {wanted}: {rows} repaired before.")
        yield journal
    finally:
        made = journal.made
        journal.close()
        if made and not call.quiet:
            say(f"Journal: {shell_path(wanted)}. To undo: `{undo}`.")
