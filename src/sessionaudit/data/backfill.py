"""Mending the rows that a call names, one by one: each id with what became of it."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import psycopg

from sessionaudit import outside
from sessionaudit.connection import broken as broken_connection
from sessionaudit.core.ref import dotted
from sessionaudit.core.sql import identifier
from sessionaudit.data import query
from sessionaudit.data.others import PATIENCE, Writers
from sessionaudit.data.repair import LateError, Made, Repair, mend, promised, retried, take_back
from sessionaudit.data.transaction import said, transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sessionaudit.connection import Connection
    from sessionaudit.data.repair import Batch

_NO_VALUE = ("22",)  # the class of data exceptions: the text is no value of the key's type
_PAUSE = 0.05
_UNIQUE = "23505"
_CONSTRAINT = "23"


class State(StrEnum):
    """What became of one id."""

    CREATED = "created"
    CHANGED = "changed"
    UNPROVEN = "created, not proven"
    ALREADY = "already there"
    NOT_ELIGIBLE = "not eligible"
    NOT_FOUND = "not found"
    MALFORMED = "malformed"
    FAILED = "failed"

    @property
    def fine(self) -> bool:
        """Whether the row of this id keeps the promise now."""
        return self in {State.CREATED, State.CHANGED, State.ALREADY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one id, why, and which rows were made and superseded for it."""

    id: str
    state: State
    reason: str = ""
    made: tuple[Made, ...] = ()
    superseded: tuple[Made, ...] = ()


class Patience(NamedTuple):
    """For how many seconds locks and others who write are waited for, and how long a statement may take."""

    locks: float = 10
    statement: float = 30
    writers: float = PATIENCE


@dataclass(slots=True)
class Backfill:
    """A run over some ids.

    `batch` names it in the rows, `journal` is told before each commit and after it, `tell` of each outcome.
    """

    connection: Connection
    repair: Repair
    batch: str
    dry: bool = False
    patience: Patience = field(default_factory=Patience)
    journal: Callable[[Batch], Callable[[], None]] | None = None
    tell: Callable[[Outcome], None] | None = None
    _writers: Writers = field(init=False)

    def __post_init__(self) -> None:
        self._writers = Writers(self.repair.statement.target, self.patience.writers)

    def run(self, ids: Sequence[str]) -> list[Outcome]:
        """Mend the rows of these ids, each in a transaction of its own; one that stands twice is mended once.

        Raises DatabaseError where the server fails, but not for what is wrong with one id alone.
        """
        outcomes: list[Outcome] = []
        try:
            for given, key in self._read(ids):
                outcomes.append(self._one(given, key))
                if self.tell is not None:
                    self.tell(outcomes[-1])
        except psycopg.Error as error:
            raise broken_connection(error, f"mending the rows of {self.repair.invariant.name}") from None
        return outcomes

    def _read(self, ids: Sequence[str]) -> list[tuple[str, str | None]]:
        """The ids as the server spells them; None for one that is no value of the key's type."""
        found: dict[str, str | None] = {}
        for given in dict.fromkeys(ids):
            try:
                with transaction(self.connection, self.repair.schema, timeout=self.patience.statement):
                    cast = f"select %(given)s::text::{self.repair.table.type}::text"
                    row = self.connection.execute(query.spelled(cast), {"given": given}).fetchone()
            except psycopg.DataError:
                row = None
            found[given] = row[0] if row else None
        known: set[str | None] = set()
        distinct: list[tuple[str, str | None]] = []
        for given, key in found.items():
            if key is None or key not in known:
                distinct.append((given, key))
            known.add(key)
        return distinct

    def _one(self, given: str, key: str | None) -> Outcome:
        if key is None:
            return Outcome(id=given, state=State.MALFORMED, reason=f"this is no {self.repair.table.type}")
        end = time.monotonic() + self.patience.locks
        while True:
            try:
                return self._mend(key)
            except LateError:
                continue  # by now the row is there, which the next look finds
            except psycopg.Error as error:
                state = error.sqlstate or ""
                if state == _UNIQUE and (found := self.look(key)).state is State.ALREADY:
                    return found
                if not retried(error):
                    if not state.startswith((_CONSTRAINT, *_NO_VALUE, "P0")):
                        raise
                    return Outcome(id=key, state=State.FAILED, reason=said(error))
                if time.monotonic() > end:
                    reason = f"another session holds its row: {said(error)}"
                    return Outcome(id=key, state=State.FAILED, reason=reason)
            time.sleep(_PAUSE * (1 + secrets.randbelow(100) / 100))

    def _mend(self, key: str) -> Outcome:
        repair = self.repair
        committed: list[Callable[[], None]] = []

        def before_commit(batch: Batch) -> None:
            if self.journal is not None and batch.made:
                committed.append(self.journal(batch))

        batch = mend(
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
                reason = f"{repair.statement.file} leaves it to a person; its header says why"
                return Outcome(id=key, state=State.FAILED, reason=reason)
            return found
        state, reason = State.CREATED if repair.statement.inserts else State.CHANGED, ""
        if not self.dry and promised(repair):
            if not self._writers.ended(self.connection):
                table = dotted(repair.statement.target)
                state = State.UNPROVEN
                reason = f"a transaction that writes to {table} is still open, and may make the same: look again"
            if late := self._late(batch):
                if take_back(self.connection, repair, late, batch.transaction):
                    return self.look(key)
                state = State.UNPROVEN
                reason = "another came at the same moment, and this one was changed since: a person has to choose"
        return Outcome(id=key, state=state, reason=reason, made=batch.made, superseded=batch.superseded)

    def _late(self, batch: Batch) -> list[Made]:
        """Our rows where somebody else has made theirs too, between our last look and our commit."""
        from sessionaudit.data.repair import arrived  # noqa: PLC0415 - beside its only use

        with transaction(self.connection, self.repair.schema, timeout=self.patience.statement):
            keys = set(arrived(self.connection, self.repair, batch.made))
        return [one for one in batch.made if one.key in keys]

    def look(self, key: str) -> Outcome:
        """Why a row is not mended: it is fine, or none that the promise is about, or not there."""
        repair, invariant = self.repair, self.repair.invariant
        each = query.source(invariant.each)
        clauses = query.Query("select true")
        for clause in invariant.where:
            clauses = (clauses + ", ").fragment(clause.sql) + " is true"
        age = query.old_enough(invariant, repair.table)
        if age is not None:
            clauses = (clauses + ", (").include(age) + ") is true"
        clauses = (clauses + ", ").include(self._there())
        clauses += f" from {each} where {query.among(invariant, repair.table)}"
        with transaction(self.connection, repair.schema, timeout=self.patience.statement):
            row = outside.ask(self.connection, clauses, {"keys": [key]}).fetchone()
        if row is None:
            return Outcome(id=key, state=State.NOT_FOUND, reason=f"{dotted(invariant.each.path)} has no such row")
        _, *answers, found = row
        if found is not None:
            return Outcome(id=key, state=State.ALREADY, reason=str(found))
        reasons = [clause.denied for clause, true in zip(invariant.where, answers, strict=False) if not true]
        if age is not None and not answers[-1]:
            reasons.append(f"it is younger than {invariant.older_than}, and the application may be at it still")
        if reasons:
            return Outcome(id=key, state=State.NOT_ELIGIBLE, reason="; ".join(reasons))
        return Outcome(id=key, state=State.FAILED, reason="it breaks the promise still")

    def _there(self) -> query.Query:
        """What tells that a row keeps the promise, null where it does not: the promised row, by its primary key."""
        invariant, table = self.repair.invariant, self.repair.fulfilling
        if invariant.has is None or invariant.on is None:
            start = query.Query("case when (").include(query.broken(invariant, self.repair.table))
            return start + ") is not true then 'it keeps the promise' end"
        shown = "'it is there'"
        if table is not None and len(table.key) == 1:
            shown = f"{identifier(invariant.has.alias)}.{identifier(table.key[0])}::text"
        start = query.Query(f"(select {shown} from {query.source(invariant.has)} where ")
        return start.fragment(invariant.on) + " limit 1)"
