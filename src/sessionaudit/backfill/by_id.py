"""Repair the rows that the user names, one by one, with an outcome for each id."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import psycopg
from msgspec.structs import replace

from sessionaudit.audits.data import queries
from sessionaudit.audits.data.lookup import Finder
from sessionaudit.audits.data.transaction import said, transaction
from sessionaudit.backfill.batch import SpoiledError, is_of_rows, repair_keys
from sessionaudit.backfill.competing_writers import PATIENCE, Writers
from sessionaudit.backfill.own_duplicates import take_back
from sessionaudit.backfill.row_changes import Did
from sessionaudit.backfill.row_outcome import RowOutcome, RowState, look
from sessionaudit.backfill.verification import crowded, judge
from sessionaudit.contract.repairs import said_of
from sessionaudit.core import sqlstate
from sessionaudit.core.ref import dotted
from sessionaudit.core.underway import UNDERWAY
from sessionaudit.postgres.connection import broken as broken_connection
from sessionaudit.postgres.retry import Retry, retried

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sessionaudit.audits.data.lookup import Lookup
    from sessionaudit.backfill.row_changes import Batch
    from sessionaudit.backfill.row_repair import Repair
    from sessionaudit.postgres.connection import Connection

_PAUSE = 0.075
_UNDONE = "It was rolled back."


class Patience(NamedTuple):
    """How many seconds to wait for locks and for other writers, and how long a statement may take."""

    locks: float = 10
    statement: float = 30
    writers: float = PATIENCE


@dataclass(slots=True)
class Backfill:
    """A run over some ids.

    `batch` is the name of the run in the rows. The journal is written before and after each commit, and `tell` is
    called with each outcome. `explain` says why the SQL that finds rows cannot run, if a difference of the schema is
    the cause. `follows` says of a dry run that other repairs come first, whose changes were rolled back.
    """

    connection: Connection
    repair: Repair
    batch: str
    dry: bool = False
    follows: bool = False
    patience: Patience = field(default_factory=Patience)
    journal: Callable[[Batch], Callable[[], None]] | None = None
    tell: Callable[[RowOutcome], None] | None = None
    explain: Callable[[str], str | None] = lambda _: None
    _writers: Writers = field(init=False)
    _finder: Finder = field(init=False)

    def __post_init__(self) -> None:
        repair, invariant = self.repair, self.repair.invariant
        self._writers = Writers(repair.promised, self.patience.writers)
        self._finder = Finder(
            connection=self.connection,
            schema=repair.schema,
            rows=invariant.each,
            table=repair.table,
            by=invariant.by,
            since=queries.since(invariant, repair.table) or queries.Query("null::timestamptz"),
            explain=self.explain,
            timeout=self.patience.statement,
        )

    def run(self, ids: Sequence[str]) -> list[RowOutcome]:
        """Repair the rows of these ids, each in its own transaction; an id that is given twice is repaired once.

        Raises DatabaseError if the server fails, but not for an error that concerns only one id.
        """
        outcomes: list[RowOutcome] = []
        try:
            with UNDERWAY.doing("looking for rows"):
                found = list(self._finder.each(ids))  # find all rows before any is repaired
            with UNDERWAY.doing("repairing rows", len(found)) as repairing:
                for lookup in repairing.over(found):
                    outcomes.append(self._one(lookup))
                    if self.tell is not None:
                        self.tell(outcomes[-1])
        except psycopg.Error as error:
            raise broken_connection(error, f"repairing the rows of {self.repair.invariant.name}") from None
        return outcomes

    def _one(self, lookup: Lookup) -> RowOutcome:
        given = lookup.given
        if lookup.hit is not None:
            return replace(self._repaired(lookup.hit.key), given=given, by=lookup.hit.by)
        state = RowState.SEVERAL if lookup.hits else RowState.MALFORMED
        if not lookup.hits and (lookup.key is not None or self.repair.invariant.by):
            state = RowState.NOT_FOUND
        return RowOutcome(id=lookup.key or given, given=given, state=state, reason=lookup.reason, several=lookup.hits)

    def _repaired(self, key: str) -> RowOutcome:
        retry = Retry(pause=_PAUSE, seconds=self.patience.locks)
        while True:
            try:
                return self._repair_row(key)
            except SpoiledError as spoiled:
                amiss = spoiled.discrepancies
                if amiss.unhelped:
                    return RowOutcome(id=key, state=RowState.FAILED, reason=self._unhelped())
                if amiss.bound:
                    return RowOutcome(id=key, state=RowState.FAILED, reason=amiss.bound[0][1])
                if amiss.doubled:
                    return RowOutcome(id=key, state=RowState.FAILED, reason=self._doubled())
                # The row of the other session exists now, and the next look finds it.
                if not retry.again():
                    reason = f"other sessions keep creating the same row. {_UNDONE}"
                    return RowOutcome(id=key, state=RowState.FAILED, reason=reason)
            except psycopg.Error as error:
                state = error.sqlstate or ""
                if state == sqlstate.UNIQUE_VIOLATION and (found := self.look(key)).state is RowState.ALREADY:
                    return found
                if not retried(error):
                    if not is_of_rows(error):
                        raise
                    return RowOutcome(id=key, state=RowState.FAILED, reason=said(error))
                if not retry.again():
                    reason = f"another session has locked its row: {said(error)}"
                    return RowOutcome(id=key, state=RowState.FAILED, reason=reason)

    def _unhelped(self) -> str:
        file = self.repair.statement.file
        return f"the repair had no effect: {file} wrote a row, but the invariant is still violated. {_UNDONE}"

    def _doubled(self) -> str:
        table = dotted(self.repair.statement.target)
        return f"more than one row was created in {table}, perhaps by a trigger. {_UNDONE}"

    def _left_alone(self) -> str:
        statement = self.repair.statement
        if self.follows:
            return f"{statement.file} does not repair it as it is now; repairs above come first, and may change it"
        header = said_of(statement.text)
        why = f". The file says: “{header}”" if header else ""
        return f"{statement.file} does not repair it: a person must decide{why}"

    def _repair_row(self, key: str) -> RowOutcome:
        repair = self.repair
        committed: list[Callable[[], None]] = []

        def before_commit(batch: Batch) -> None:
            if self.journal is not None and batch.made:
                committed.append(self.journal(batch))

        batch = repair_keys(
            self.connection,
            repair,
            [key],
            batch=self.batch,
            dry=self.dry,
            timeout=self.patience.statement,
            before_commit=before_commit,
        )
        for tell in committed:
            tell()
        if not batch.made:
            found = self.look(key)
            if batch.taken and not found.state.fine:
                return RowOutcome(id=key, state=RowState.FAILED, reason=self._left_alone(), undecided=not self.follows)
            return found
        state = RowState.CREATED if any(one.did is Did.INSERTED for one in batch.made) else RowState.CHANGED
        outcome = RowOutcome(id=key, state=state, made=batch.made, superseded=batch.superseded)
        return outcome if self.dry or not (repair.promises or repair.shown) else self._proven(outcome, batch)

    def _proven(self, outcome: RowOutcome, batch: Batch) -> RowOutcome:
        """Return the outcome after all transactions have ended that were writing at our commit."""
        repair, reason = self.repair, ""
        ended = self._writers.ended(self.connection)
        with transaction(self.connection, repair.schema, timeout=self.patience.statement):
            amiss = judge(self.connection, repair, [outcome.id], batch.made, batch.transaction)
            crowd = crowded(self.connection, repair, batch.made) if repair.shown else []
        if amiss.unhelped:  # another session has deleted the row
            return self.look(outcome.id)
        if any(amiss):
            back = take_back(self.connection, repair, batch.made, batch.transaction)
            if len(back.gone) == len(batch.made):
                return self.look(outcome.id)
            why = next(iter(back.kept.values()), "it no longer exists")
            reason = (
                f"another session created a row at the same time, and this one was kept because {why}: a person must "
                "choose"
            )
        elif crowd:
            reason = (
                "there is more than one row for it, and rows read through a view cannot be attributed: a person must "
                "decide"
            )
        elif not ended:
            table = dotted(repair.promised)
            reason = (
                f"a transaction that writes to {table} is still open, and may create the same row: run this again later"
            )
        return replace(outcome, state=RowState.UNPROVEN, reason=reason) if reason else outcome

    def look(self, key: str) -> RowOutcome:
        """Return why a row is not repaired."""
        return look(self.connection, self.repair, key, timeout=self.patience.statement)
