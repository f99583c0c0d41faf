"""Verifies repaired rows: that they satisfy the invariant, and that no required row was created twice.

One definition for single rows and for all of them. It is asked before the commit, of all that can be seen then; and
once more when those have ended who were writing at that moment.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.audits.data import queries
from sessionaudit.audits.data.keys import array, positions
from sessionaudit.audits.data.transaction import XIDS
from sessionaudit.postgres import contract_sql
from sessionaudit.sql.text import identifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.backfill.row_changes import RowChange
    from sessionaudit.backfill.row_repair import Repair
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.postgres.connection import Connection


class Discrepancies(NamedTuple):
    """Keys for which all is not well.

    For `unhelped` a row was written, and the promise is broken still. For `doubled` the repair made more than it
    tells of: a trigger of the table, most likely. For `late` others have made the promised row too. For `bound`, with
    reasons, a row would have been deleted that others reference.
    """

    unhelped: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    bound: tuple[tuple[str, str], ...] = ()

    @property
    def keys(self) -> set[str]:
        """All of them."""
        return {*self.unhelped, *self.doubled, *self.late, *(key for key, _ in self.bound)}


# What this session has written to a table and its parts, in this transaction and in some before; nothing, where the
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
    """How many rows of a table this session has inserted and updated; only differences mean anything."""

    inserted: int = 0
    updated: int = 0


def written(connection: Connection, path: ObjectPath) -> WriteCounts:
    """Ask how much this session has written to a table: it costs nothing, however much it is."""
    row = connection.execute(_WRITTEN, (identifier(*path),)).fetchone()
    return WriteCounts(*row) if row else WriteCounts()


def as_told(before: WriteCounts, after: WriteCounts, made: Sequence[RowChange]) -> bool:
    """Whether just those rows were written that an INSERT tells of. If not, one must look."""
    return (after.inserted - before.inserted, after.updated - before.updated) == (len(made), 0)


def judge(
    connection: Connection, repair: Repair, keys: Sequence[str], made: Sequence[RowChange], transaction: int
) -> Discrepancies:
    """Look at the rows of some keys after the repair wrote `made` in a transaction of this number."""
    if not made:
        return Discrepancies()
    ours = Counter(one.key for one in made)
    if repair.invariant.has is None:
        mended = [key for key in keys if key in ours]
        asked = queries.still_broken(repair.invariant, repair.table)
        rows = contract_sql.ask(connection, asked, {"keys": array(mended)})
        return Discrepancies(unhelped=tuple(mended[position] for position in positions(rows)))
    told = any(key in ours for key in keys)  # else the repair returns no key, and may have made one row for each
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
    """How many rows fulfil the promise for each key, and how many of them a transaction wrote; where that is not one.

    Counting ends at `most`.
    """
    versioned = repair.fulfilling is not None and repair.fulfilling.versioned
    asked = queries.fulfilled_by(repair.invariant, repair.table, versioned=versioned)
    parameters = {"keys": array(keys), "most": most, "ours": str(transaction % XIDS)}
    rows: list[tuple[int, int, int]] = contract_sql.ask(connection, asked, parameters).fetchall()
    return {keys[position]: (found, own) for position, found, own in rows}


def crowded(connection: Connection, repair: Repair, made: Sequence[RowChange]) -> list[str]:
    """The keys for which a view shows more rows than were made. Whose they are it does not tell."""
    ours = Counter(one.key for one in made)
    found = counted(connection, repair, list(ours), most=max(ours.values(), default=0) + 1)
    return [key for key, (rows, _) in found.items() if rows > ours[key]]
