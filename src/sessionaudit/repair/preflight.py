"""Find what prevents a plan; everything is checked before the first change."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import psycopg
from msgspec import Struct
from msgspec.structs import replace

from sessionaudit.core import sqlstate
from sessionaudit.core.step import EVERY_ROW
from sessionaudit.postgres.connection import broken, limit, roll_back, told
from sessionaudit.postgres.locks import pooled
from sessionaudit.repair.missing_rights import lacking, needs_of, refusals_of, rights_of, without_inherited
from sessionaudit.sql.text import quoted, sent

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from psycopg.pq.abc import PGresult

    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.core.step import Hazard, Obstacle, Risk, Step
    from sessionaudit.postgres.connection import Connection
    from sessionaudit.repair.plan import Plan

MOST_COUNTED = 1000
# A column, table, type or function that a later step creates.
_UNBORN = sqlstate.UNDEFINED
_SAMPLE = 5
# The verbs with which obstacles begin, in the form for one row.
_OF_ONE = {
    "have": "has",
    "point": "points",
    "break": "breaks",
    "hold": "holds",
    "share": "shares",
    "prevent": "prevents",
    "violate": "violates",
    "are": "is",
}
_TURN = "Change the values that it cannot convert first, or keep the type."
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


class RowsInWay(NamedTuple):
    """The rows that block the step at a position of the plan; `samples` are some of them, as text.

    `total` is None if they could not be counted; then `reason` says why, and `help` what to do. `found` is the obstacle
    that found them. If `hazard` is given, they block the step only if that hazard is not allowed.
    """

    place: int
    step: Step
    total: int | None
    found: Obstacle
    samples: tuple[str, ...] = ()
    reason: str = ""
    hazard: Hazard | None = None
    help: str = ""

    def __str__(self) -> str:
        if self.total is None:
            return f"{self._unknown}: {self.reason}"
        if not self.of_rows:
            return self.counted
        shown = [sample for sample in self.samples if sample != "null"]
        return f"{self.counted}: {'; '.join(shown)}" if shown else self.counted

    @property
    def counted(self) -> str:
        """The number of rows, without their values; for objects, their names."""
        if self.total is None:
            return self._unknown
        if not self.of_rows:
            return "; ".join(self.samples)
        many = f"more than {MOST_COUNTED}" if self.total > MOST_COUNTED else str(self.total)
        if self.total == 1:
            verb, space, rest = self.found.what.partition(" ")
            return f"1 row {_OF_ONE.get(verb, verb)}{space}{rest}"
        return f"{many} rows {self.found.what}"

    @property
    def _unknown(self) -> str:
        return f"it is not known whether rows {self.found.what if self.hazard else 'are in the way'}"

    @property
    def of_rows(self) -> bool:
        """Whether rows of a table block the step, and nothing else."""
        own = self.hazard is None and self.found is self.step.obstacle
        return self.step.reads_rows if own else self.found.of_rows


class Preflight(Struct, frozen=True, kw_only=True):
    """The obstacles of a plan: `refusals` forbid all of it, `rows` some of its steps; `notes` forbid nothing.

    `barred` are the objects of the steps for which the role lacks a right, if nothing else forbids the plan.
    """

    refusals: tuple[tuple[str, str], ...]
    rows: tuple[RowsInWay, ...]
    notes: tuple[str, ...]
    barred: tuple[ObjectRef, ...] = ()


def rows_in_way(connection: Connection, plan: Plan, *, statement_timeout: float) -> tuple[RowsInWay, ...]:
    """Find the rows that block steps; changes nothing. The time is in seconds. Raises DatabaseError."""
    with _looking(connection, "checking for obstacles", statement_timeout):
        return tuple(_rows(connection, plan))


def look(
    connection: Connection, plan: Plan, *, rows: tuple[RowsInWay, ...] = (), statement_timeout: float
) -> Preflight:
    """Find all obstacles of the steps that are to run; changes nothing. `rows` are those found before.

    Times are in seconds. Raises DatabaseError.
    """
    with _looking(connection, "checking for obstacles", statement_timeout):
        of_server, unmet = (*_server(connection),), rights_of(connection, plan.steps)
        refusals = (*of_server, *refusals_of(without_inherited(connection, unmet)))
        notes = tuple(_notes(connection, plan))
    needs = {one.need for one in unmet}
    barred = () if of_server else tuple(dict.fromkeys(step.ref for step in plan.steps if needs & {*needs_of(step)}))
    return Preflight(refusals=refusals, rows=rows, notes=notes, barred=barred)


def lacking_rights(connection: Connection, plan: Plan, *, statement_timeout: float) -> tuple[tuple[str, str], ...]:
    """Return which privileges a plan needs and the role lacks, each with what helps; reads no rows.

    Raises DatabaseError.
    """
    with _looking(connection, "checking for privileges", statement_timeout):
        return tuple(refusals_of(without_inherited(connection, rights_of(connection, plan.steps))))


@contextmanager
def _looking(connection: Connection, doing: str, statement_timeout: float) -> Generator[None]:
    try:
        connection.execute("begin transaction read only")
        limit(connection, statement_timeout, 1)
        yield
    except psycopg.Error as error:
        raise broken(error, doing) from None
    finally:
        roll_back(connection)


def _server(connection: Connection) -> Iterator[tuple[str, str]]:
    row = connection.execute(_STATE).fetchone()
    if row and row[0]:
        yield "the server is a standby, which is read-only", "Connect to its primary."
    elif connection.execute("show default_transaction_read_only").fetchone() == ("on",):
        yield (
            "the connection is read-only (default_transaction_read_only is on)",
            "Use another role, or append ?options=-c%20default_transaction_read_only=off to the URL.",
        )


def _rows(connection: Connection, plan: Plan) -> Iterator[RowsInWay]:
    known: dict[str, RowsInWay | None] = {}
    for place, step in enumerate(plan.steps):
        found = _beside(connection, plan, place, step) or _asked(connection, plan, place, step, step.obstacle)
        if found is None and step.risk is not None:
            what = step.risk.found
            if what.of_rows or what.rows not in known:
                found = _asked(connection, plan, place, step, what, step.risk)
                known[what.rows] = found
            elif (before := known[what.rows]) is not None:  # many steps grant access to the same objects
                found = before._replace(place=place, step=step)
        if found is not None:
            yield found


def _beside(connection: Connection, plan: Plan, place: int, step: Step) -> RowsInWay | None:
    """Find what blocks a step, other than rows."""
    what = step.obstacle
    if what is None or not what.others:
        return None
    found = _asked(connection, plan, place, step, replace(what, rows=what.others, of_rows=False))
    if found is None or found.total is None:
        return None  # the query for the rows reports it too
    rows = _in_way(connection, step, plan.path, what.others)[:_SAMPLE]
    hint = " ".join(dict.fromkeys(filter(None, (hint for _, _, hint in rows))))
    return found._replace(samples=tuple(why or "" for _, why, _ in rows), found=replace(found.found, hint=hint))


def _asked(
    connection: Connection, plan: Plan, place: int, step: Step, what: Obstacle | None, risk: Risk | None = None
) -> RowsInWay | None:
    """Run the query of an obstacle or risk; return what it finds, or None."""
    if what is None:
        return None
    hazard = risk.hazard if risk else None
    try:
        rows = _in_way(connection, step, plan.path, what.rows)
    except psycopg.Error as error:
        if not error.sqlstate or sqlstate.ends_connection(error.sqlstate):
            raise
        if error.sqlstate in _UNBORN:
            return None
        reason = told(error)
        if (
            risk
            and risk.tried
            and error.sqlstate.startswith((sqlstate.DATA_EXCEPTION, sqlstate.INTEGRITY_CONSTRAINT_VIOLATION))
        ):
            if failure := _refused(connection, step, plan.path, risk.tried):
                return RowsInWay(place, step, None, what, reason=failure, help=_TURN)
            reason = f"a value cannot be converted back ({reason})"
        return RowsInWay(place, step, None, what, reason=reason, hazard=hazard, help=_helping(error.sqlstate))
    if not rows:
        return None
    return RowsInWay(place, step, len(rows), what, tuple(_sample(row) for row in rows[:_SAMPLE]), hazard=hazard)


def _helping(state: str) -> str:
    """Say what to do if rows could not be read."""
    if state == sqlstate.INSUFFICIENT_PRIVILEGE:
        return "Connect as a role that may read them."
    if state == sqlstate.QUERY_CANCELED:
        return "Allow more with --statement-timeout."
    return "Run it again later." if state == sqlstate.LOCK_NOT_AVAILABLE else ""


def _printed(result: PGresult) -> list[tuple[str | None, ...]]:
    """Return the rows as the server prints them: Python does not support all PostgreSQL dates, for example."""
    rows = ((result.get_value(row, place) for place in range(result.nfields)) for row in range(result.ntuples))
    return [tuple(None if value is None else value.decode(errors="replace") for value in row) for row in rows]


def _sample(row: tuple[str | None, ...]) -> str:
    """Return a row's key, with the problem in parentheses."""
    key, *rest = ("null" if value is None else value for value in row)
    return f"{key} ({', '.join(rest)})" if row[0] is not None and rest else ", ".join(rest) or key


def _refused(connection: Connection, step: Step, path: tuple[str, ...], query: str) -> str:
    """Return why PostgreSQL cannot convert some row as the step does; "" if it can convert all."""
    try:
        _in_way(connection, step, path, query)
    except psycopg.Error as error:
        if not error.sqlstate or sqlstate.ends_connection(error.sqlstate):
            raise
        return f"PostgreSQL cannot convert some value ({told(error)})"
    return ""


def _in_way(connection: Connection, step: Step, path: tuple[str, ...], query: str) -> list[tuple[str | None, ...]]:
    """Run a query as the step would: it returns all rows, or an error if row security hides any."""
    connection.execute("savepoint rows")
    try:
        settings = (("search_path", ", ".join(quoted(name) for name in path)), *step.settings, EVERY_ROW)
        for setting in settings:
            connection.execute("select pg_catalog.set_config(%s, %s, true)", setting)
        cursor = connection.execute(sent(f"select * from ({query}) o limit {MOST_COUNTED + 1}"))
        found = _printed(cursor.pgresult) if cursor.pgresult else []
    finally:
        if not connection.broken and not connection.closed:
            connection.execute("rollback to savepoint rows")
    return found


def _notes(connection: Connection, plan: Plan) -> Iterator[str]:
    wished = lacking(connection, [(need, step.action) for step in plan.steps for need in step.wishes])
    for need, action, role in ((one.need, action, one.role) for one in wished for action in one.actions[:1]):
        how = (
            f"because {need.what}. {need.help}"
            if need.whole
            else f"To share the owner of its neighbours, {role} must {need.what}."
        )
        yield f"{action}: its owner will be {role}{', ' if need.whole else '. '}{how}"
    if any(step.concurrent for step in plan.steps):
        row = connection.execute(_OLDEST, (_OLD,)).fetchone()
        if row:
            yield (
                f"A transaction has been open for {row[1] // 60} minutes (pid {row[0]}): concurrent index builds wait "
                "until it ends."
            )
        if pooled(connection):
            yield (
                "The connection goes through a pooler: its statement_timeout cannot be lifted for concurrent index "
                "builds. If one times out, or does not find an unqualified name of the contract, connect directly."
            )
