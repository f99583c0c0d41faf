"""The journal of a run: which file it is, whether a run that was cut short goes on in it, and what it begins with."""

from __future__ import annotations

import contextlib
import datetime as dt
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from sessionaudit.backfill.journal import state_folder
from sessionaudit.backfill.journal.commits import settle
from sessionaudit.backfill.journal.writing import Journal
from sessionaudit.errors import JournalError, UsageError
from sessionaudit.postgres.identity import identity

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from sessionaudit.backfill.journal.reading import Damage
    from sessionaudit.contract.model import Contract
    from sessionaudit.postgres.connection import Connection


class JournalListener(Protocol):
    """Who is told which journal a run writes."""

    def other_run_unfinished(self, path: Path) -> None:
        """Another run was cut short, which only its own command ends."""

    def run_unfinished(self, path: Path, more: int) -> None:
        """A run was cut short, which this one goes on with; so many more are left."""

    def journal_opened(self, path: Path) -> None:
        """The journal is open; nothing was written to the database yet."""

    def journal_damaged(self, path: Path, damage: Damage) -> None:
        """A line of the journal tells nothing."""

    def journal_resumed(self, path: Path, rows: int) -> None:
        """The journal tells of so many rows that were made before."""

    def journal_written(self, path: Path) -> None:
        """The journal is closed, and tells of what this run made."""


def run_name() -> str:
    """A name for a run: the time, and what tells it from others of the same second."""
    return f"{dt.datetime.now(tz=dt.UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def described(connection: Connection, contract: Contract, invariants: Sequence[str]) -> dict[str, Any]:
    """What a journal says of its run. Raises DatabaseError."""
    began = f"{dt.datetime.now(tz=dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
    return {
        **identity(connection),
        "contract": str(Path(contract.file).resolve()),
        "schema": contract.schema,
        "invariants": list(invariants),
        "at": began,
    }


def unfinished(
    wanted: Path | None, about: dict[str, Any], listener: JournalListener, *, tell_others: bool = True
) -> Path | None:
    """The journal to go on with, if there is one: the `wanted` file, or that of a run that was cut short."""
    if wanted is not None:
        return wanted if wanted.exists() else None
    ours, others = state_folder.unfinished(about, about["invariants"])
    for path in others if tell_others else ():
        listener.other_run_unfinished(path)
    if not ours:
        return None
    listener.run_unfinished(ours[0], len(ours) - 1)
    return ours[0]


@contextlib.contextmanager
def opened(
    wanted: Path | None,
    connection: Connection,
    run: str,
    about: dict[str, Any],
    listener: JournalListener,
    *,
    begun: Path | None = None,
) -> Generator[Journal]:
    """The journal of a run: the `wanted` file, else the `begun` one, else a new one in the folder of the user's state.

    One that tells nothing in the end is taken away. Raises UsageError, before anything was done, where it cannot be
    written.
    """
    path = wanted or begun or state_folder.fresh(run)
    try:
        journal = Journal.open(path, run=run, about=about)
    except (UsageError, JournalError) as error:
        if wanted is None and not error.hint:
            error.hint = "Name a file with --journal FILE."
        raise
    listener.journal_opened(path)
    try:
        told, rows = settle(connection, path, journal)
        for damage in told.damaged:
            listener.journal_damaged(path, damage)
        if rows:
            listener.journal_resumed(path, rows)
        yield journal
    finally:
        made = journal.made
        journal.close()
        if made:
            listener.journal_written(path)
