"""What stands in the way of a plan: looked for whole, before the first change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import psycopg

from sessionaudit.connection import broken, limit, roll_back, told
from sessionaudit.core.sql import quoted
from sessionaudit.locks import pooled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.connection import Connection
    from sessionaudit.core.step import Need, Step
    from sessionaudit.plan import Plan

MOST_COUNTED = 1000
_SAMPLE = 5
_TOGETHER = 500  # rights that are asked for in one query
_OLD = 300  # seconds
_STATE = """
select pg_catalog.pg_is_in_recovery(),
       pg_catalog.current_setting('transaction_read_only') = 'on',
       current_user::text"""
_OLDEST = """
select a.pid, extract(epoch from pg_catalog.clock_timestamp() - a.xact_start)::int8
  from pg_catalog.pg_stat_activity a
 where a.datname = pg_catalog.current_database()
   and a.pid <> pg_catalog.pg_backend_pid()
   and pg_catalog.clock_timestamp() - a.xact_start > pg_catalog.make_interval(secs => %s)
 order by a.xact_start
 limit 1"""


class Rows(NamedTuple):
    """Rows in the way of the step at a place of the plan; `samples` are some of them, as text.

    `total` is None where they could not be counted, for `reason`.
    """

    place: int
    step: Step
    total: int | None
    samples: tuple[str, ...] = ()
    reason: str = ""

    def __str__(self) -> str:
        if self.total is None:
            return f"it is not known whether rows are in the way: {self.reason}"
        if not self.step.reads_rows:
            return "; ".join(self.samples)
        shown = [sample for sample in self.samples if sample != "null"]
        return f"{self.counted}: {'; '.join(shown)}" if shown else self.counted

    @property
    def counted(self) -> str:
        """How many there are, without any value of theirs."""
        if self.total is None:
            return "it is not known whether rows are in the way"
        many = f"more than {MOST_COUNTED}" if self.total > MOST_COUNTED else str(self.total)
        what = self.step.obstacle.what if self.step.obstacle else ""
        return f"{many} row{'' if self.total == 1 else 's'} {what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """What was found: `refusals` forbid the whole plan, `rows` some of its steps; `notes` forbid nothing."""

    refusals: tuple[tuple[str, str], ...]
    rows: tuple[Rows, ...]
    notes: tuple[str, ...]


def look(connection: Connection, plan: Plan, *, statement_timeout: float) -> Preflight:
    """Look for all that stands in a plan's way; changes nothing. Times are in seconds. Raises DatabaseError."""
    try:
        connection.execute("begin transaction read only")
        limit(connection, statement_timeout, 1)
        refusals = (*_server(connection), *_rights(connection, plan))
        rows = tuple(_rows(connection, plan))
        notes = tuple(_notes(connection, plan))
    except psycopg.Error as error:
        raise broken(error, "looking for what stands in the way") from None
    finally:
        roll_back(connection)
    return Preflight(refusals=refusals, rows=rows, notes=notes)


def _server(connection: Connection) -> Iterator[tuple[str, str]]:
    row = connection.execute(_STATE).fetchone()
    if row and row[0]:
        yield "the server is a standby, which nobody can write to", "Connect to its primary."
    elif connection.execute("show default_transaction_read_only").fetchone() == ("on",):
        yield (
            "the connection may only read (default_transaction_read_only is on)",
            "Use another role, or append ?options=-c%20default_transaction_read_only=off to the URL.",
        )


def _rights(connection: Connection, plan: Plan) -> Iterator[tuple[str, str]]:
    """All that the role lacks, asked in one query."""
    needs: dict[Need, str] = {}
    for step in plan.steps:
        for need in step.needs:
            needs.setdefault(need, step.action)
    if not needs:
        return
    asked = [*needs.items()]
    for start in range(0, len(asked), _TOGETHER):
        part = asked[start : start + _TOGETHER]
        columns = ", ".join(f"({need.holds}) is not false" for need, _ in part)
        row = connection.execute(f"select current_user::text, array[{columns}]".encode()).fetchone()
        if row is None:
            raise AssertionError
        role, all_hold = row
        for (need, action), holds in zip(part, all_hold, strict=True):
            if not holds:
                yield f"{action}: the role {role} must {need.what}", need.help.replace("{role}", quoted(role))


def _rows(connection: Connection, plan: Plan) -> Iterator[Rows]:
    for place, step in enumerate(plan.steps):
        if step.obstacle is None:
            continue
        found = _in_way(connection, step, plan.path)
        if isinstance(found, str):
            if found:
                yield Rows(place, step, None, reason=found)
        elif found:
            yield Rows(place, step, len(found), tuple(_sample(row) for row in found[:_SAMPLE]))


def _sample(row: tuple[object, ...]) -> str:
    """A row's key, and in parentheses what is wrong with it."""
    key, *rest = ("null" if value is None else str(value) for value in row)
    return f"{key} ({', '.join(rest)})" if row[0] is not None and rest else ", ".join(rest) or key


def _in_way(connection: Connection, step: Step, path: tuple[str, ...]) -> list[tuple[object, ...]] | str:
    """The rows, or why they cannot be told; "" where an earlier step has to bring what they are asked by."""
    if step.obstacle is None:
        raise AssertionError(step)
    connection.execute("savepoint rows")
    try:
        connection.execute(
            "select pg_catalog.set_config('search_path', %s, true)", (", ".join(quoted(name) for name in path),)
        )
        query = f"select * from ({step.obstacle.rows}) o limit {MOST_COUNTED + 1}"
        found: list[tuple[object, ...]] = connection.execute(query.encode()).fetchall()
    except psycopg.Error as error:
        if not error.sqlstate or error.sqlstate.startswith(("08", "57P")):
            raise
        connection.execute("rollback to savepoint rows")
        # A column, table, type or function that is still to come.
        unborn = error.sqlstate in {"42703", "42P01", "42704", "42883"}
        return "" if unborn else told(error)
    connection.execute("rollback to savepoint rows")
    return found


def _notes(connection: Connection, plan: Plan) -> Iterator[str]:
    if any(step.concurrent for step in plan.steps):
        row = connection.execute(_OLDEST, (_OLD,)).fetchone()
        if row:
            yield (
                f"A transaction is open since {row[1] // 60} minutes (pid {row[0]}): a concurrent build of an index "
                "waits until it ends."
            )
        if pooled(connection):
            yield (
                "A pooler stands before the server: its statement_timeout cannot be lifted for the concurrent builds. "
                "If one takes too long, or does not find what the contract names without its schema, connect directly."
            )
