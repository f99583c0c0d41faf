"""Delete rows that this run has inserted, because others have created the same rows."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import psycopg

from sessionaudit.audits.data import queries
from sessionaudit.audits.data.keys import array, matching, texts
from sessionaudit.audits.data.transaction import XIDS, said, transaction
from sessionaudit.backfill.batch import is_of_rows
from sessionaudit.backfill.references import children
from sessionaudit.backfill.row_changes import Did
from sessionaudit.core.changes import CHANGES
from sessionaudit.core.ref import dotted
from sessionaudit.postgres.retry import retried
from sessionaudit.sql.text import identifier

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sessionaudit.backfill.row_changes import RowChange
    from sessionaudit.backfill.row_repair import Repair
    from sessionaudit.postgres.connection import Connection

_BACK_TIMEOUT = 5.0


class TakenBack(NamedTuple):
    """The deleted rows, the reasons by key why others were kept, and whether another session had locked some."""

    gone: tuple[RowChange, ...] = ()
    kept: Mapping[str, str] = MappingProxyType({})
    held: bool = False


def take_back(connection: Connection, repair: Repair, made: Sequence[RowChange], number: int) -> TakenBack:
    """Delete the rows that transaction `number` inserted, unless they were changed or are referenced.

    Rows that triggers or constraints protect, or that another session has locked, are kept. Raises psycopg.Error if the
    server fails.
    """
    kept = {one.key: "it existed before" for one in made if one.did is not Did.INSERTED}
    made = [one for one in made if one.did is Did.INSERTED]
    if not made:
        return TakenBack(kept=kept)
    try:
        back = _take_back(connection, repair, made, number)
    except psycopg.Error as error:
        if not retried(error) and not is_of_rows(error):
            raise
        if len(made) == 1:
            reason = f"another session has locked it: {said(error)}" if retried(error) else said(error)
            return TakenBack(kept={**kept, made[0].key: reason}, held=retried(error))
        each = [take_back(connection, repair, [one], number) for one in made]
        back = TakenBack(
            tuple(row for one in each for row in one.gone),
            {key: reason for one in each for key, reason in one.kept.items()},
            any(one.held for one in each),
        )
    return back._replace(kept={**kept, **back.kept})


def _take_back(connection: Connection, repair: Repair, made: Sequence[RowChange], number: int) -> TakenBack:
    written, table = repair.statement, repair.statement.table
    key = identifier(table.key[0])
    rows = [one.row for one in made]
    of_rows = (
        f"from pg_catalog.unnest(%(rows)s::{table.type}[]) with ordinality as k (key, n)"
        f" join {identifier(*written.target)} t on t.{key} {table.equal} k.key"
    )
    # An INSERT of a child row waits for this lock (FOR KEY SHARE), and then fails because the row is gone.
    lock = f"select (k.n - 1)::int, t.xmin = %(xmin)s::text::xid {of_rows} order by k.n for update of t"
    delete = (
        f"delete from {identifier(*written.target)} t where t.{key} {table.equal} any (%(rows)s::{table.type}[])"
        f" and t.xmin = %(xmin)s::text::xid returning t.{key}"
    )
    xmin = str(number % XIDS)
    # Longer than a batch waits: the session that has locked the row may change it, and then it stays.
    with transaction(connection, repair.schema, timeout=60, lock_timeout=_BACK_TIMEOUT, write=True):
        found: list[tuple[int, bool]] = connection.execute(
            queries.spelled(lock), {"rows": array(rows), "xmin": xmin}
        ).fetchall()
        kept = {made[at].key: "it has been changed since" for at, unchanged in found if not unchanged}
        unchanged = [rows[at] for at, as_we_left_it in found if as_we_left_it]
        with_children = children(connection, written.target, unchanged)
        for one in made:
            if one.row in with_children:
                first = with_children[one.row][0]
                kept[one.key] = f"{dotted(first.table)} {first.key} references it now"
        free = [row for row in unchanged if row not in with_children]
        gone: set[str] = set()
        if free:
            deleted = connection.execute(queries.spelled(delete), {"rows": array(free), "xmin": xmin})
            there = texts(deleted)
            same = matching(connection, table, free, [row[0] or "" for row in there])
            gone = {free[at] for at in same.values()}
            kept |= {one.key: "a trigger or a rule prevents deleting it" for one in made if one.row in set(free) - gone}
            connection.execute("set constraints all immediate")
            with CHANGES.committing(len(gone)):
                connection.execute("commit")
    return TakenBack(tuple(one for one in made if one.row in gone), kept)
