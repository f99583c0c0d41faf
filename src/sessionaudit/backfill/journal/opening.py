"""Open the journal of a run: choose the file, resume an interrupted run, and write the first line."""

from __future__ import annotations

import contextlib
import datetime as dt
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from sessionaudit.backfill.journal import state_directory
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
    """Receives messages about the journal of a run."""

    def other_run_unfinished(self, path: Path) -> None:
        """Another run was interrupted; only its own command can finish it."""

    def run_unfinished(self, path: Path, more: int) -> None:
        """An interrupted run is resumed; `more` others remain."""

    def journal_opened(self, path: Path) -> None:
        """The journal is open; nothing has been written to the database yet."""

    def journal_damaged(self, path: Path, damage: Damage) -> None:
        """A line of the journal is damaged."""

    def journal_resumed(self, path: Path, rows: int) -> None:
        """The journal holds `rows` rows of earlier runs."""

    def journal_written(self, path: Path) -> None:
        """The journal is closed, and holds what this run wrote."""


def run_name() -> str:
    """Return a name for a run: the time, and a suffix that distinguishes runs of the same second."""
    return f"{dt.datetime.now(tz=dt.UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def described(connection: Connection, contract: Contract, invariants: Sequence[str]) -> dict[str, Any]:
    """Return what a journal records about its run. Raises DatabaseError."""
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
    """Return the journal to resume, if there is one: the `wanted` file, or that of an interrupted run."""
    if wanted is not None:
        return wanted if wanted.exists() else None
    ours, others = state_directory.unfinished(about, about["invariants"])
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
    """Open the `wanted` journal, else the `begun` one, else a new one in the user's state directory.

    A journal that is still empty at the end is deleted. Raises UsageError if it cannot be written, before any change.
    """
    path = wanted or begun or state_directory.fresh(run)
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
