"""Verify repaired rows: they must satisfy the invariant, and no required row may exist twice.

The same check serves single rows and bulk runs. It runs before the commit, on the rows visible then, and once more
after the transactions that were writing at that moment have ended.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.audits.data import queries
from sessionaudit.audits.data.keys import array, positions, texts
from sessionaudit.audits.data.transaction import XIDS
from sessionaudit.backfill.row_changes import Did
from sessionaudit.core.ref import dotted
from sessionaudit.errors import ContractError
from sessionaudit.postgres import contract_sql
from sessionaudit.sql.text import identifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.backfill.row_changes import RowChange
    from sessionaudit.backfill.row_repair import Repair
    from sessionaudit.backfill.statement import Statement
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.postgres.connection import Connection


class Discrepancies(NamedTuple):
    """Keys that failed verification.

    `unhelped`: a row was written, but the invariant is still violated. `doubled`: more rows were created than the
    repair returned, most likely by a trigger. `late`: others have created the promised row too. `bound`, with reasons:
    the repair would have deleted a row that others reference.
    """

    unhelped: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    bound: tuple[tuple[str, str], ...] = ()

    @property
    def keys(self) -> set[str]:
        """All of them."""
        return {*self.unhelped, *self.doubled, *self.late, *(key for key, _ in self.bound)}


# What this session has written to a table and its partitions, in this transaction and in some before; nothing if the
# server does not count (track_counts).
_WRITTEN = """
with recursive family (oid) as (
  select pg_catalog.to_regclass(%s)::pg_catalog.oid
  union
  select i.inhrelid from family f join pg_catalog.pg_inherits i on i.inhparent = f.oid
)
select coalesce(pg_catalog.sum(pg_catalog.pg_stat_get_xact_tuples_inserted(f.oid)), 0)::int8,
       coalesce(pg_catalog.sum(pg_catalog.pg_stat_get_xact_tuples_updated(f.oid)), 0)::int8
  from family f"""


class WriteCounts(NamedTuple):
    """How many rows of a table this session has inserted and updated; only differences are meaningful."""

    inserted: int = 0
    updated: int = 0


def written(connection: Connection, path: ObjectPath) -> WriteCounts:
    """Ask how much this session has written to a table; the query is cheap for any number of rows."""
    row = connection.execute(_WRITTEN, (identifier(*path),)).fetchone()
    return WriteCounts(*row) if row else WriteCounts()


def as_told(before: WriteCounts, after: WriteCounts, made: Sequence[RowChange]) -> bool:
    """Whether exactly those rows were written that an INSERT returned. If not, the rows must be verified."""
    return (after.inserted - before.inserted, after.updated - before.updated) == (len(made), 0)


def judge(
    connection: Connection, repair: Repair, keys: Sequence[str], made: Sequence[RowChange], transaction: int
) -> Discrepancies:
    """Verify the rows of some keys after the repair wrote `made` in transaction `number`."""
    if not made:
        return Discrepancies()
    ours = Counter(one.key for one in made)
    if repair.invariant.has is None:
        repaired = [key for key in keys if key in ours]
        asked = queries.still_broken(repair.invariant, repair.table)
        rows = contract_sql.ask(connection, asked, {"keys": array(repaired)})
        return Discrepancies(unhelped=tuple(repaired[position] for position in positions(rows)))
    told = any(key in ours for key in keys)  # else the repair returns no key, and may have written one row for each
    found = counted(connection, repair, keys, most=max(ours.values()) + 1, transaction=transaction)
    unhelped: list[str] = []
    doubled: list[str] = []
    late: list[str] = []
    for key, (rows_there, own) in found.items():
        expected = ours[key] if told else 1
        if not rows_there and ours[key]:
            unhelped.append(key)
        elif repair.promises and rows_there > expected > 0:
            (doubled if own > expected else late).append(key)
    return Discrepancies(tuple(unhelped), tuple(doubled), tuple(late))


def counted(
    connection: Connection, repair: Repair, keys: Sequence[str], *, most: int, transaction: int = 0
) -> dict[str, tuple[int, int]]:
    """For each key without exactly one promised row, count these rows, and those that a transaction wrote.

    Counting ends at `most`.
    """
    versioned = repair.fulfilling is not None and repair.fulfilling.versioned
    asked = queries.fulfilled_by(repair.invariant, repair.table, versioned=versioned)
    parameters = {"keys": array(keys), "most": most, "ours": str(transaction % XIDS)}
    rows: list[tuple[int, int, int]] = contract_sql.ask(connection, asked, parameters).fetchall()
    return {keys[position]: (found, own) for position, found, own in rows}


def crowded(connection: Connection, repair: Repair, made: Sequence[RowChange]) -> list[str]:
    """Return the keys for which a view shows more rows than were created; it does not show who wrote them."""
    ours = Counter(one.key for one in made)
    found = counted(connection, repair, list(ours), most=max(ours.values(), default=0) + 1)
    return [key for key, (rows, _) in found.items() if rows > ours[key]]


def require_there(connection: Connection, statement: Statement, made: Sequence[RowChange]) -> None:
    """Check that the rows that a statement returned exist. Raises ContractError if one does not."""
    if statement.did is Did.DELETED or not made:
        return
    key = identifier(statement.table.key[0])
    asked = (
        f"select k.key from pg_catalog.unnest(%(rows)s::{statement.table.type}[]) as k (key) where not exists"
        f" (select from {identifier(*statement.target)} t where t.{key} {statement.table.equal} k.key) limit 1"
    )
    for row in texts(connection.execute(queries.spelled(asked), {"rows": array([one.row for one in made])})):
        raise ContractError(
            f"the repair {statement.file} returned “{row[0]}” as the primary key of a row of "
            f"{dotted(statement.target)}, which does not exist; the current batch was not committed",
            hint="Its first column must be the primary key of the row that it wrote: without it nothing can be undone.",
        )
