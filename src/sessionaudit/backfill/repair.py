"""An invariant with its repair, and the transaction that repairs some rows by their keys."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import psycopg

from sessionaudit.audits.data import index_probe, query
from sessionaudit.audits.data.catalogs import tables
from sessionaudit.audits.data.keys import array, matching, positions, texts
from sessionaudit.audits.data.transaction import XIDS, said, transaction
from sessionaudit.backfill import statement
from sessionaudit.backfill.made import Batch, Did
from sessionaudit.backfill.references import children
from sessionaudit.backfill.verdict import Verdict, as_told, judge, written
from sessionaudit.core import sqlstate
from sessionaudit.core.changes import CHANGES
from sessionaudit.core.finding import Location
from sessionaudit.core.ref import dotted
from sessionaudit.errors import ContractError, together
from sessionaudit.postgres import outside
from sessionaudit.postgres.connection import broken as broken_connection
from sessionaudit.postgres.connection import retried
from sessionaudit.sql.text import identifier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sessionaudit.audits.data.query import Table
    from sessionaudit.backfill.made import Made
    from sessionaudit.backfill.statement import Statement
    from sessionaudit.contract.invariants import Invariant
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.node import Scalar
    from sessionaudit.postgres.connection import Connection

# Shorter than PostgreSQL's deadlock_timeout of 1 s: whoever stands in a deadlock with us, it is we who give way.
LOCK_TIMEOUT = 0.2
_BACK_TIMEOUT = 5.0
BATCH_SETTING = "sessionaudit.backfill_id"
# What single rows are refused for, so that others may go well: more than one row where one must be, values,
# constraints, rules, sizes, and what triggers raise.
_OF_ROWS = (
    sqlstate.CARDINALITY_VIOLATION,
    sqlstate.DATA_EXCEPTION,
    sqlstate.INTEGRITY_CONSTRAINT_VIOLATION,
    sqlstate.TRIGGERED_DATA_CHANGE_VIOLATION,
    sqlstate.WITH_CHECK_OPTION_VIOLATION,
    sqlstate.PROGRAM_LIMIT_EXCEEDED,
    sqlstate.PLPGSQL_ERROR,
)
_ROOTS = """
select pg_catalog.count(*) = 2 and pg_catalog.count(distinct pg_catalog.pg_partition_root(c.oid)::oid) = 1
   and pg_catalog.bool_and(pg_catalog.pg_partition_root(c.oid) is not null)
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where (n.nspname, c.relname) in ((%s, %s), (%s, %s))"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """An invariant, the table of its rows, that of the promised rows if there is one, and where names live."""

    invariant: Invariant
    table: Table
    schema: str
    fulfilling: Table | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair(Promise):
    """A promise with the statement that mends its rows.

    `supersede` runs afterwards, over the keys that were mended. `promises` says whether the repair makes just those
    rows that the invariant promises.
    """

    statement: Statement
    supersede: Statement | None
    promises: bool

    @property
    def shown(self) -> bool:
        """Whether the promised rows are those of a view, which does not tell who wrote them."""
        return self.statement.inserts and self.fulfilling is not None and not self.fulfilling.versioned

    @property
    def promised(self) -> ObjectPath:
        """The table in which others may make the same rows."""
        has = self.invariant.has
        return has.path if has is not None and self.promises else self.statement.target


def promise(connection: Connection, contract: Contract, invariant: Invariant) -> Promise:
    """Look for the tables of an invariant. Raises ContractError where its rows cannot be named by one value."""
    has = invariant.has
    known = tables(connection, [invariant.each.path, *([has.path] if has else [])])
    table = known.get(invariant.each.path)
    if table is None or not table.single:
        raise ContractError(
            f"{dotted(invariant.each.path)} has no primary key of one column, which backfill needs to identify rows",
            location=Location(contract.file, invariant.each.node.line, invariant.each.node.column),
        )
    return Promise(
        invariant=invariant, table=table, schema=contract.schema, fulfilling=known.get(has.path) if has else None
    )


def load(connection: Connection, contract: Contract, invariant: Invariant, *, keep_older: bool = False) -> Repair:
    """Read the repair of an invariant. Raises ContractError where its files are not what they must be."""
    if invariant.repair is None:
        raise ContractError(
            f"the invariant {invariant.name} has no repair",
            location=invariant.location,
            hint="Repair its rows by hand.",
        )
    try:
        return _loaded(connection, contract, invariant, invariant.repair, keep_older=keep_older)
    except psycopg.Error as error:
        raise broken_connection(error, f"checking the repair of {invariant.name}") from None


def load_all(
    connection: Connection, contract: Contract, chosen: Iterable[Invariant], *, keep_older: bool = False
) -> list[Repair]:
    """Read the repairs of several invariants; raises as `load` does, with all that is wrong."""
    loaded: list[Repair] = []
    wrong: list[ContractError] = []
    for invariant in chosen:
        try:
            loaded.append(load(connection, contract, invariant, keep_older=keep_older))
        except ContractError as error:
            wrong.append(error)
    if wrong:
        raise together(wrong)
    return loaded


def _loaded(
    connection: Connection, contract: Contract, invariant: Invariant, repair: Scalar, *, keep_older: bool
) -> Repair:
    found = promise(connection, contract, invariant)
    mending = statement.read(connection, contract, repair)
    after = (
        None if keep_older or invariant.supersede is None else statement.read(connection, contract, invariant.supersede)
    )
    return Repair(
        invariant=invariant,
        table=found.table,
        schema=found.schema,
        fulfilling=found.fulfilling,
        statement=mending,
        supersede=after,
        promises=mending.inserts and _is_kin(connection, invariant, mending),
    )


def _is_kin(connection: Connection, invariant: Invariant, made: Statement) -> bool:
    """Whether what a statement writes is of the promised table: that itself, or another part of the same."""
    if invariant.has is None or made.target == invariant.has.path:
        return invariant.has is not None
    row = connection.execute(_ROOTS, (*made.target, *invariant.has.path)).fetchone()
    return row == (True,)


class Walk(NamedTuple):
    """Which statements can go by indexes alone: looking whether rows are broken, the repair, and the superseding.

    What supersedes without an index reads whole tables: `mend` leaves it to whoever calls, for many keys at once. So
    does looking whether rows are broken still.
    """

    look: bool = False
    repair: bool = False
    supersede: bool = False


class SpoiledError(Exception):
    """Not all is well with the rows that were written, so that all of them were rolled back."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__()
        self.verdict = verdict


def mend(
    connection: Connection,
    repair: Repair,
    keys: Sequence[str],
    *,
    batch: str,
    skip_locked: bool = False,
    walk: Walk | None = None,
    thorough: bool = True,
    dry: bool = False,
    lock_timeout: float = LOCK_TIMEOUT,
    timeout: float = 60,
    locked: Callable[[], None] = lambda: None,
    served: Callable[[], None] = lambda: None,
    before_commit: Callable[[Batch], None] | None = None,
) -> Batch:
    """Mend the rows of some keys in one transaction: lock them, look again, repair, look at what came of it.

    Rows that others have locked are waited for, or left out with `skip_locked`. `walk` is for many keys: it says for
    what the planner is held to indexes, and rows that keep the promise by now may be locked too, which the repair,
    that guards itself, leaves alone. Unless it is `thorough`, rows are looked at afterwards only where more came about
    than the repair tells of: whoever calls looks in the end. With `dry` all is rolled back. `locked` is called when
    the rows are locked and the repair is about to run, `served` when the server has run it, `before_commit` is told
    what will have been done. Raises SpoiledError where not all is well afterwards, psycopg.Error where the server
    refuses: then nothing was done.
    """
    invariant = repair.invariant
    with transaction(connection, repair.schema, timeout=timeout, lock_timeout=lock_timeout, write=True):
        # Where no index leads into a query of what is broken, it costs as much for a few keys as for all.
        looks = invariant.has is not None or walk is None or walk.look
        if walk and walk.repair and (walk.look or not looks):
            index_probe.by_index(connection)
        number = set_batch(connection, batch)
        whatever = walk is not None and (invariant.violations is None or not walk.look)
        asked = query.locked(invariant, repair.table, skip=skip_locked, whatever=whatever)
        found = outside.ask(connection, asked, {"keys": array(keys)})
        taken = tuple(keys[position] for position in positions(found))
        counting = looks and not thorough and repair.promises
        before = written(connection, repair.statement.target) if counting else None
        now = repair.supersede if walk is None or walk.supersede else None
        try:
            locked()
            made = statement.run(connection, repair.statement, taken, repair.table, served=served)
            # What triggers do at the commit else would be seen by nobody, and what they refuse be in doubt.
            connection.execute("set constraints all immediate")
            if before is not None:
                thorough = not as_told(before, written(connection, repair.statement.target), made)
            mended = tuple(dict.fromkeys(one.key for one in made)) if now else ()
            after = statement.run(connection, now, mended, repair.table) if now is not None else ()
        except statement.BoundError as bound:
            raise SpoiledError(Verdict(bound=tuple(bound.reasons.items()))) from None
        if looks and thorough:
            verdict = judge(connection, repair, taken, made, number)
            if any(verdict):
                raise SpoiledError(verdict)
        if thorough:
            statement.require_there(connection, repair.statement, made)
        retire = repair.supersede is not None and now is None
        done = Batch(taken, made, after, number, retire=retire)
        if made and not dry:
            if before_commit is not None:
                before_commit(done)
            with CHANGES.committing(len(made) + len(after)):
                connection.execute("commit")
    return done


def set_batch(connection: Connection, batch: str) -> int:
    """Name the run for the repair's statement, and return the number of the transaction."""
    named = "select pg_catalog.set_config(%s, %s, true), pg_catalog.pg_current_xact_id()::text::bigint"
    row = connection.execute(named, (BATCH_SETTING, batch)).fetchone()
    return row[1] if row else 0


class TakenBack(NamedTuple):
    """Rows that are gone, why others are not, by their keys, and whether another session held some of these."""

    gone: tuple[Made, ...] = ()
    kept: Mapping[str, str] = MappingProxyType({})
    held: bool = False


def take_back(connection: Connection, repair: Repair, made: Sequence[Made], number: int) -> TakenBack:
    """Delete those of the rows that transaction `number` inserted, that nobody has changed, and that have no children.

    What triggers or constraints stand against, or another session holds, is kept. Raises psycopg.Error where the
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


def _take_back(connection: Connection, repair: Repair, made: Sequence[Made], number: int) -> TakenBack:
    written, table = repair.statement, repair.statement.table
    key = identifier(table.key[0])
    rows = [one.row for one in made]
    of_rows = (
        f"from pg_catalog.unnest(%(rows)s::{table.type}[]) with ordinality as k (key, n)"
        f" join {identifier(*written.target)} t on t.{key} {table.equal} k.key"
    )
    # A child that is written now waits for this lock (FOR KEY SHARE), and then finds no row to belong to.
    lock = f"select (k.n - 1)::int, t.xmin = %(xmin)s::text::xid {of_rows} order by k.n for update of t"
    delete = (
        f"delete from {identifier(*written.target)} t where t.{key} {table.equal} any (%(rows)s::{table.type}[])"
        f" and t.xmin = %(xmin)s::text::xid returning t.{key}"
    )
    xmin = str(number % XIDS)
    # Longer than a batch waits: whoever holds the row is about to change it, and then it stays.
    with transaction(connection, repair.schema, timeout=60, lock_timeout=_BACK_TIMEOUT, write=True):
        found: list[tuple[int, bool]] = connection.execute(
            query.spelled(lock), {"rows": array(rows), "xmin": xmin}
        ).fetchall()
        kept = {made[at].key: "it was changed since" for at, unchanged in found if not unchanged}
        unchanged = [rows[at] for at, as_we_left_it in found if as_we_left_it]
        with_children = children(connection, written.target, unchanged)
        for one in made:
            if one.row in with_children:
                first = with_children[one.row][0]
                kept[one.key] = f"{dotted(first.table)} {first.key} references it now"
        free = [row for row in unchanged if row not in with_children]
        gone: set[str] = set()
        if free:
            deleted = connection.execute(query.spelled(delete), {"rows": array(free), "xmin": xmin})
            there = texts(deleted)
            same = matching(connection, table, free, [row[0] or "" for row in there])
            gone = {free[at] for at in same.values()}
            kept |= {one.key: "a trigger or a rule prevents deleting it" for one in made if one.row in set(free) - gone}
            connection.execute("set constraints all immediate")
            with CHANGES.committing(len(gone)):
                connection.execute("commit")
    return TakenBack(tuple(one for one in made if one.row in gone), kept)


def is_of_rows(error: psycopg.Error) -> bool:
    """Whether it is a row that the server refuses, and not the statement."""
    return (error.sqlstate or "").startswith(_OF_ROWS)
