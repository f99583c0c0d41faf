"""Tell why a row is not repaired: it is fine, the invariant does not apply to it, or it does not exist."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from sessionaudit.audits.data import queries
from sessionaudit.audits.data.keys import array, texts
from sessionaudit.audits.data.transaction import transaction
from sessionaudit.core.ref import dotted
from sessionaudit.postgres import contract_sql
from sessionaudit.sql.text import identifier

if TYPE_CHECKING:
    from sessionaudit.audits.data.lookup import Hit
    from sessionaudit.backfill.row_changes import RowChange
    from sessionaudit.backfill.row_repair import Promise
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.postgres.connection import Connection


class RowState(StrEnum):
    """The outcome for one id."""

    CREATED = "created"
    CHANGED = "changed"
    UNPROVEN = "created, not proven"
    ALREADY = "already there"
    NOT_ELIGIBLE = "not eligible"
    NOT_FOUND = "not found"
    SEVERAL = "several rows"
    MALFORMED = "malformed"
    FAILED = "failed"

    @property
    def fine(self) -> bool:
        """Whether the row of this id satisfies the invariant now."""
        return self in {RowState.CREATED, RowState.CHANGED, RowState.ALREADY}

    @property
    def named(self) -> bool:
        """Whether the id identifies a row."""
        return self not in {RowState.NOT_FOUND, RowState.SEVERAL, RowState.MALFORMED}


class ExistingRow(NamedTuple):
    """An existing row: its table, and its primary key."""

    table: ObjectPath
    row: str


class RowOutcome(Struct, frozen=True, kw_only=True):
    """The outcome for one id: the state, the reason, the row that existed already, and the rows written for it.

    `id` is the primary key of the row. `given` is the text that found it, by its key or by the column that `by` names;
    `several` are the rows if one text found more than one. `undecided` says that its repair leaves the row alone, so
    that a person must decide.
    """

    id: str
    state: RowState
    reason: str = ""
    there: ExistingRow | None = None
    given: str = ""
    by: str = ""
    several: tuple[Hit, ...] = ()
    undecided: bool = False
    made: tuple[RowChange, ...] = ()
    superseded: tuple[RowChange, ...] = ()


def look(connection: Connection, promise: Promise, key: str, *, timeout: float) -> RowOutcome:
    """Examine the row of a key; `timeout` is in seconds. Raises psycopg.Error."""
    invariant = promise.invariant
    clauses = queries.Query("select true")
    for clause in invariant.where:
        clauses = (clauses + ", ").fragment(clause.sql) + " is true"
    age = queries.old_enough(invariant, promise.table)
    if age is not None:
        clauses = (clauses + ", ").include(age)
    clauses = (clauses + ", ").include(_there(promise))
    clauses += f" from {queries.source(invariant.each)} where {queries.among(invariant, promise.table)}"
    with transaction(connection, promise.schema, timeout=timeout):
        rows = texts(contract_sql.ask(connection, clauses, {"keys": array([key])}))
    if not rows:
        return RowOutcome(id=key, state=RowState.NOT_FOUND, reason=f"{dotted(invariant.each.path)} has no such row")
    _, *answers, found = rows[0]
    if found is not None:
        if named := _names(promise):
            return RowOutcome(id=key, state=RowState.ALREADY, there=ExistingRow(named, found))
        return RowOutcome(id=key, state=RowState.ALREADY, reason=found)
    reasons = [clause.denied for clause, answer in zip(invariant.where, answers, strict=False) if answer != "t"]
    if age is not None and answers[-1] != "t":
        reasons.append(f"it is younger than {invariant.older_than}, and may still be in progress")
    if reasons:
        return RowOutcome(id=key, state=RowState.NOT_ELIGIBLE, reason="; ".join(reasons))
    return RowOutcome(id=key, state=RowState.FAILED, reason="it still violates the invariant")


def _names(promise: Promise) -> ObjectPath | None:
    """Return the table of the promised row, if one value identifies a row of it."""
    has, table = promise.invariant.has, promise.fulfilling
    return has.path if has is not None and table is not None and table.single else None


def _there(promise: Promise) -> queries.Query:
    """Build the query for the promised row's primary key; it returns null if the row violates the invariant."""
    invariant, table = promise.invariant, promise.fulfilling
    if invariant.has is None or invariant.on is None:
        start = queries.Query("case when (").include(queries.broken(invariant, promise.table))
        return start + ") is not true then 'it satisfies the invariant' end"
    shown = "'it exists'"
    if table is not None and _names(promise):
        shown = f"{identifier(invariant.has.alias)}.{identifier(table.key[0])}"
    start = queries.Query(f"(select {shown} from {queries.source(invariant.has)} where ")
    return start.fragment(invariant.on) + " limit 1)"
