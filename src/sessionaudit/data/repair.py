"""A repair file, and one transaction in which it mends rows by their keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sessionaudit import outside
from sessionaudit.contract.repairs import text_of
from sessionaudit.core.finding import Location
from sessionaudit.core.query import Query
from sessionaudit.core.ref import dotted
from sessionaudit.core.sql import identifier
from sessionaudit.data import links, query
from sessionaudit.data.catalogs import tables, target
from sessionaudit.data.transaction import transaction
from sessionaudit.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import psycopg

    from sessionaudit.connection import Connection
    from sessionaudit.contract.invariants import Invariant
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.node import Scalar
    from sessionaudit.data.query import Table

# Shorter than PostgreSQL's deadlock_timeout of 1 s: whoever stands in a deadlock with us, it is we who give way.
LOCK_TIMEOUT = 0.2
_BACK_TIMEOUT = 5.0
BATCH_SETTING = "sessionaudit.backfill_id"
# Others were faster, or hold what we need: nothing is wrong with the rows.
AGAIN = {"55P03", "40P01", "40001"}
_WAS = "_was"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A repair file's statement: its text, where it came from, and what it writes to."""

    file: str
    text: str
    inserts: bool
    target: ObjectPath
    table: Table

    @property
    def query(self) -> Query:
        """The statement for the server; but for the parameter, a `%` is one."""
        return Query().statement(self.text, self.file)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """An invariant with what mends its rows.

    `table` is that of the invariant's rows. `supersede` runs afterwards, over the keys that were mended.
    """

    invariant: Invariant
    table: Table
    schema: str
    statement: Statement
    supersede: Statement | None
    fulfilling: Table | None = None


class Made(NamedTuple):
    """A row that a repair made or changed: the table, its primary key, the key that it was for, what was before."""

    table: ObjectPath
    inserted: bool
    row: str
    key: str
    was: Mapping[str, str | None]


class Batch(NamedTuple):
    """What one transaction did.

    `taken` are the keys whose rows were locked and broken. `made` holds the rows of the repair, `superseded`
    those that they took the place of. `transaction` is its number.
    """

    taken: tuple[str, ...]
    made: tuple[Made, ...]
    superseded: tuple[Made, ...]
    transaction: int = 0


def load(connection: Connection, contract: Contract, invariant: Invariant, *, keep_older: bool = False) -> Repair:
    """Read the repair of an invariant. Raises ContractError where its files are not what they must be."""
    if invariant.repair is None:
        raise ContractError(
            f"the invariant {invariant.name} has no repair", location=invariant.location, hint="Mend its rows by hand."
        )
    statement = _read(connection, contract, invariant.repair)
    after = None if keep_older or invariant.supersede is None else _read(connection, contract, invariant.supersede)
    has = invariant.has
    known = tables(connection, [invariant.each.path, *([has.path] if has else [])])
    table = known.get(invariant.each.path)
    if table is None or len(table.key) != 1:
        raise ContractError(
            f"{dotted(invariant.each.path)} has no primary key of one column, by which backfill could name its rows",
            location=Location(contract.file, invariant.each.node.line, invariant.each.node.column),
        )
    return Repair(
        invariant=invariant,
        table=table,
        schema=contract.schema,
        statement=statement,
        supersede=after,
        fulfilling=known.get(has.path) if has else None,
    )


def _read(connection: Connection, contract: Contract, name: Scalar) -> Statement:
    text = text_of(contract.file, name)
    verb, path = target(text, contract.schema) or ("", ("", ""))
    known = tables(connection, [path])
    if path not in known or len(known[path].key) != 1:
        raise ContractError(
            f"the repair {name} does not write to a table with a primary key of one column",
            location=Location(contract.file, name.line, name.column),
            hint="It is one INSERT, UPDATE or DELETE, perhaps after WITH.",
        )
    return Statement(file=str(name), text=text, inserts=verb == "insert", target=path, table=known[path])


def mend(
    connection: Connection,
    repair: Repair,
    keys: Sequence[str],
    *,
    batch: str,
    skip_locked: bool = False,
    verify: bool = True,
    walk: Walk | None = None,
    dry: bool = False,
    lock_timeout: float = LOCK_TIMEOUT,
    timeout: float = 60,
    before_commit: Callable[[Batch], None] | None = None,
) -> Batch:
    """Mend the rows of some keys in one transaction: lock them, look again, repair, look for what others made.

    Rows that others have locked are waited for, or left out with `skip_locked`. `walk` says for what
    the planner is held to indexes. With `dry` all is rolled back. `before_commit` is told what will have been done.
    Where another session made the promised row meanwhile, all is rolled back and LateError raised. A
    psycopg.Error means that nothing was done. Without `verify` rows that keep the promise by now may be
    locked too, and it is the repair, which guards itself, that leaves them alone.
    """
    with transaction(connection, repair.schema, timeout=timeout, lock_timeout=lock_timeout, write=True):
        # Where no index leads into a query of what is broken, it costs as much for a few keys as for all.
        whatever = not verify and (repair.invariant.violations is None or not (walk and walk.look))
        unasked = whatever and repair.invariant.violations is not None
        if walk and walk.repair and (walk.look or unasked):
            links.by_index(connection)
        number = set_batch(connection, batch)
        how = " skip locked" if skip_locked else ""
        taken = _keys(connection, query.still_broken(repair.invariant, repair.table, lock=how, whatever=whatever), keys)
        made = run(connection, repair.statement, taken)
        mended = sorted({one.key for one in made})
        now = repair.supersede if walk is None or walk.supersede else None
        after = run(connection, now, mended) if now is not None and mended else ()
        done = Batch(tuple(taken), made, after, number)
        if verify and made and (late := arrived(connection, repair, made)):
            raise LateError(late)
        if before_commit is not None and not dry:
            before_commit(done)
        connection.execute("rollback" if dry else "commit")
    return done


class Walk(NamedTuple):
    """Which statements can go by indexes alone: looking whether rows are broken, the repair, and the superseding.

    What supersedes without an index reads whole tables: `mend` leaves it to whoever calls, for many keys at once.
    """

    look: bool = False
    repair: bool = False
    supersede: bool = False


def set_batch(connection: Connection, batch: str) -> int:
    """Name the run for the repair's statement, and return the number of the transaction."""
    named = "select pg_catalog.set_config(%s, %s, true), pg_catalog.pg_current_xact_id()::text::bigint"
    row = connection.execute(named, (BATCH_SETTING, batch)).fetchone()
    return row[1] if row else 0


class LateError(Exception):
    """Somebody else made the promised row while we made ours; the keys of these rows."""

    def __init__(self, keys: Iterable[str]) -> None:
        super().__init__()
        self.keys = tuple(keys)


def _keys(connection: Connection, asked: Query, keys: Sequence[str]) -> list[str]:
    if not keys:
        return []
    return [row[0] for row in outside.ask(connection, asked, {"keys": list(keys)})]


def run(connection: Connection, statement: Statement, keys: Sequence[str]) -> tuple[Made, ...]:
    """Run a repair's statement over some keys.

    The first column that it returns is the primary key of the row that it made or changed; `key` the key
    that this was for (the first column, where there is none); NAME_was what the column NAME was.
    """
    if not keys:
        return ()
    cursor = outside.ask(connection, statement.query, {"keys": list(keys)})
    result = cursor.pgresult
    if result is None or cursor.description is None:
        return ()
    names = [column.name for column in cursor.description]
    key = names.index("key") if "key" in names else 0
    before = [(index, name.removesuffix(_WAS)) for index, name in enumerate(names) if name.endswith(_WAS)]

    def text(row: int, column: int) -> str | None:
        value = result.get_value(row, column)
        return None if value is None else value.decode()

    return tuple(
        Made(
            statement.target,
            statement.inserts,
            text(row, 0) or "",
            text(row, key) or "",
            {name: text(row, column) for column, name in before},
        )
        for row in range(result.ntuples)
    )


def arrived(connection: Connection, repair: Repair, made: Sequence[Made]) -> list[str]:
    """The keys for which there is more than what we made: somebody else has made the promised row too."""
    invariant = repair.invariant
    if not made or not promised(repair) or invariant.has is None or invariant.on is None:
        return []
    ours: dict[str, int] = {}
    for one in made:
        ours[one.key] = ours.get(one.key, 0) + 1
    most = max(ours.values()) + 1
    key = query.key_of(invariant.each, repair.table)
    asked = Query(
        f"select {key}::text, (select pg_catalog.count(*) from (select from {query.source(invariant.has)} where "
    ).fragment(invariant.on)
    asked += (
        f" limit {most}) as found) from {query.source(invariant.each)} where {query.among(invariant, repair.table)}"
    )
    rows = outside.ask(connection, asked, {"keys": list(ours)})
    return [key for key, number in rows if number > ours[key]]


def promised(repair: Repair) -> bool:
    """Whether the repair makes just those rows that the invariant promises."""
    has = repair.invariant.has
    return repair.statement.inserts and has is not None and repair.statement.target == has.path


def take_back(connection: Connection, repair: Repair, made: Sequence[Made], number: int) -> tuple[Made, ...]:
    """Delete those of the rows that transaction `number` made and that nobody has changed since."""
    if not made:
        return ()
    statement = repair.statement
    key = identifier(statement.table.key[0])
    delete = (
        f"delete from {identifier(*statement.target)} where {key} = any (%(rows)s::{statement.table.type}[])"
        f" and xmin::text = %(xmin)s returning {key}::text"
    )
    parameters: dict[str, Any] = {"rows": [one.row for one in made], "xmin": str(number % 2**32)}
    # Longer than a batch waits: whoever holds the row is about to change it, and then it stays.
    with transaction(connection, repair.schema, timeout=60, lock_timeout=_BACK_TIMEOUT, write=True):
        gone = {row[0] for row in connection.execute(query.spelled(delete), parameters)}
        connection.execute("commit")
    return tuple(one for one in made if one.row in gone)


def retried(error: psycopg.Error) -> bool:
    """Whether the same again may go well, because others only stood in the way."""
    return error.sqlstate in AGAIN
