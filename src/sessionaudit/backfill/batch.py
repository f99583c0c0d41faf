"""A batch: one transaction that repairs and verifies the rows of some keys, and commits or rolls back."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.audits.data import index_probe, queries
from sessionaudit.audits.data.keys import array, positions
from sessionaudit.audits.data.transaction import transaction
from sessionaudit.backfill import statement
from sessionaudit.backfill.row_changes import Batch
from sessionaudit.backfill.verification import Discrepancies, as_told, judge, require_there, written
from sessionaudit.core import sqlstate
from sessionaudit.core.changes import CHANGES
from sessionaudit.postgres import contract_sql
from sessionaudit.postgres.lock_timeouts import BACKFILL_BATCH

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import psycopg

    from sessionaudit.backfill.row_repair import Repair
    from sessionaudit.postgres.connection import Connection

BATCH_SETTING = "sessionaudit.backfill_id"
# Errors that concern single rows, so that other rows may succeed: more than one row where one is required, values,
# constraints, rules, sizes, and errors raised by triggers.
_OF_ROWS = (
    sqlstate.CARDINALITY_VIOLATION,
    sqlstate.DATA_EXCEPTION,
    sqlstate.INTEGRITY_CONSTRAINT_VIOLATION,
    sqlstate.TRIGGERED_DATA_CHANGE_VIOLATION,
    sqlstate.WITH_CHECK_OPTION_VIOLATION,
    sqlstate.PROGRAM_LIMIT_EXCEEDED,
    sqlstate.PLPGSQL_ERROR,
)


class Walk(NamedTuple):
    """Which statements can use indexes alone: the check for violations, the repair, and the superseding.

    Without an index, superseding reads whole tables, and so does the check for violations. Then `repair_keys` leaves
    them to its caller, who does them for many keys at once.
    """

    look: bool = False
    repair: bool = False
    supersede: bool = False


class SpoiledError(Exception):
    """The written rows failed verification, and the transaction was rolled back."""

    def __init__(self, found: Discrepancies) -> None:
        super().__init__()
        self.discrepancies = found


def repair_keys(
    connection: Connection,
    repair: Repair,
    keys: Sequence[str],
    *,
    batch: str,
    skip_locked: bool = False,
    walk: Walk | None = None,
    thorough: bool = True,
    dry: bool = False,
    lock_timeout: float = BACKFILL_BATCH,
    timeout: float = 60,
    locked: Callable[[], None] = lambda: None,
    served: Callable[[], None] = lambda: None,
    before_commit: Callable[[Batch], None] | None = None,
) -> Batch:
    """Repair the rows of some keys in one transaction: lock them, check them again, repair, and verify.

    Rows that others have locked are waited for, or skipped with `skip_locked`. `walk` is for many keys: it says for
    which statements the planner must use indexes; then rows that satisfy the invariant by now may be locked too, and
    the repair, which has its own condition, leaves them unchanged. Unless `thorough` is set, rows are verified only if
    more rows were written than the repair returned; the caller verifies at the end. With `dry` everything is rolled
    back. `locked` is called when the rows are locked and the repair is about to run, `served` when the server has run
    it, `before_commit` with what is about to be committed. Raises SpoiledError if the verification fails, and
    psycopg.Error if the server refuses; in both cases nothing was changed.
    """
    invariant = repair.invariant
    with transaction(connection, repair.schema, timeout=timeout, lock_timeout=lock_timeout, write=True):
        # If no index supports the query for violations, it costs as much for a few keys as for all.
        looks = invariant.has is not None or walk is None or walk.look
        if walk and walk.repair and (walk.look or not looks):
            index_probe.by_index(connection)
        number = set_batch(connection, batch)
        whatever = walk is not None and (invariant.violations is None or not walk.look)
        asked = queries.locked(invariant, repair.table, skip=skip_locked, whatever=whatever)
        found = contract_sql.ask(connection, asked, {"keys": array(keys)})
        taken = tuple(keys[position] for position in positions(found))
        counting = looks and not thorough and repair.promises
        before = written(connection, repair.statement.target) if counting else None
        now = repair.supersede if walk is None or walk.supersede else None
        own = invariant.each.path
        doing = repair.statement
        try:
            locked()
            made = statement.run(connection, doing, taken, repair.table, locked=doing.target == own, served=served)
            # Otherwise deferred triggers run at the commit: what they do is not verified, and an error leaves the
            # outcome unknown.
            connection.execute("set constraints all immediate")
            if before is not None:
                thorough = not as_told(before, written(connection, repair.statement.target), made)
            repaired = tuple(dict.fromkeys(one.key for one in made)) if now else ()
            after = statement.run(connection, now, repaired, repair.table) if now is not None else ()
        except statement.BoundError as bound:
            raise SpoiledError(Discrepancies(bound=tuple(bound.reasons.items()))) from None
        if looks and thorough:
            amiss = judge(connection, repair, taken, made, number)
            if any(amiss):
                raise SpoiledError(amiss)
        if thorough:
            require_there(connection, repair.statement, made)
        retire = repair.supersede is not None and now is None
        done = Batch(taken, made, after, number, retire=retire)
        if made and not dry:
            if before_commit is not None:
                before_commit(done)
            with CHANGES.committing(len(made) + len(after)):
                connection.execute("commit")
    return done


def set_batch(connection: Connection, batch: str) -> int:
    """Set the name of the run for the repair's statement, and return the transaction's number."""
    named = "select pg_catalog.set_config(%s, %s, true), pg_catalog.pg_current_xact_id()::text::bigint"
    row = connection.execute(named, (BATCH_SETTING, batch)).fetchone()
    return row[1] if row else 0


def is_of_rows(error: psycopg.Error) -> bool:
    """Whether the error concerns a row, and not the statement."""
    return (error.sqlstate or "").startswith(_OF_ROWS)
