"""Take our own locks, and find who holds the locks that block us."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg

from sessionaudit.core.ref import dotted
from sessionaudit.core.step import LockLevel
from sessionaudit.errors import BusyError
from sessionaudit.postgres.connection import limit, roll_back
from sessionaudit.sql.text import UnclosedError, dollar_quoted, sent, tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import LiteralString

    from sessionaudit.core.step import Step
    from sessionaudit.postgres.connection import Connection

# For any default of the database: a snapshot that is kept would delay our own concurrent builds.
BEGIN = "begin isolation level read committed"
# SQLSTATEs of our own: a step ran, but its result does not exist; the step was done while we waited for its lock; the
# step has a hazard that was not allowed.
NOT_DONE, DONE, AT_RISK = "SA000", "SA001", "SA002"
# The lock of sessions that repair a database. Without parameters, so that the simple protocol is used: see Guard.
_ALONE = "select pg_catalog.pg_try_advisory_xact_lock(x'5e551084'::int4, x'0a0d17'::int4)"
_BLOCKERS = """
select distinct on (a.pid) a.pid,
       coalesce(a.usename::text, ''), coalesce(a.application_name, ''), coalesce(a.state, ''),
       extract(epoch from pg_catalog.clock_timestamp() - a.xact_start)::float8,
       coalesce(a.query, ''), l.mode
  from pg_catalog.pg_locks l
  join pg_catalog.pg_stat_activity a on a.pid = l.pid
 where l.relation = any (array(
         select pg_catalog.to_regclass(t.name)::oid from pg_catalog.unnest(%(tables)s::text[]) as t (name)))
   and l.granted
   and l.mode = any (%(modes)s)
   and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
   and a.pid <> pg_catalog.pg_backend_pid()
 order by a.pid, pg_catalog.array_position(%(modes)s::text[], l.mode)"""
# Our locks on existing relations, including those dropped in this transaction, but without indexes that it created,
# which no other session can see. Of sequences and types only those that the step names.
OBSERVED = """
select l.mode
  from pg_catalog.pg_locks l
  left join pg_catalog.pg_class c on c.oid = l.relation
  left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where l.pid = pg_catalog.pg_backend_pid()
   and l.relation is not null
   and (c.oid is null
        or (c.relkind in ('r', 'p', 'v', 'm', 'f', 'i', 'I')
            or c.oid = any (array(
                 select pg_catalog.to_regclass(t.name)::oid from pg_catalog.unnest(%(tables)s::text[]) as t (name))))
       and n.nspname <> 'information_schema'
       and n.nspname !~ '^pg_')
   and not exists (select
                     from pg_catalog.pg_index x
                    where x.indexrelid = l.relation
                      and x.xmin = pg_catalog.pg_current_xact_id_if_assigned()::pg_catalog.xid)"""
_BUILDING = """
select p.pid
  from pg_catalog.pg_stat_progress_create_index p
 where p.relid = any (array(
         select pg_catalog.to_regclass(t.name)::oid from pg_catalog.unnest(%s::text[]) as t (name)))
   and p.pid <> pg_catalog.pg_backend_pid()"""


class Blocker(NamedTuple):
    """A session that holds a lock on a step's tables: the `age` of its transaction in seconds, its masked `query`."""

    pid: int
    user: str
    application: str
    state: str
    age: float
    query: str
    mode: str

    def __str__(self) -> str:
        who = f" ({self.application})" if self.application else ""
        # The query of another role's session is visible only to that role and to pg_read_all_stats.
        since = f", {self.state} for {self.age:.1f} s" if self.state else ""
        what = f": {self.query}" if self.query else ""
        return f"pid {self.pid}, {self.user}{who}{since}, holds {self.mode}{what}"


class ApplierLock:
    """Excludes other repairs by a transaction-level lock, which works behind a transaction pooler."""

    def __init__(self, open_connection: Callable[[], Connection]) -> None:
        self._open = open_connection
        self._connection: Connection | None = None

    def take(self) -> None:
        """Take the lock. Raises psycopg.Error, and BusyError if another repair holds it."""
        self.close()
        self._connection = connection = self._open()
        # By the simple protocol: with the extended one, a statement keeps its snapshot until the next one, and that
        # delays our own concurrent builds. Only constant texts of this module are sent here.
        connection.cursor_factory = psycopg.Cursor
        connection.execute(BEGIN)
        limit(connection, 0, 0)
        if connection.execute(_ALONE).fetchone() != (True,):
            self.close()
            raise BusyError(
                "another sessionaudit process is changing this database",
                hint="Wait until it has finished, then run this again.",
            )

    def keep(self) -> None:
        """Take the lock again if it was lost. Raises as `take` does."""
        try:
            self.check()
        except psycopg.Error:
            self.take()

    def check(self) -> None:
        """Raise psycopg.Error if the lock was lost with its connection."""
        if self._connection is None:
            raise psycopg.OperationalError("the connection of the lock is closed")
        self._connection.execute("select 1")

    @property
    def lost(self) -> bool:
        """Whether the lock is known to be lost."""
        return self._connection is None or self._connection.closed or self._connection.broken

    def close(self) -> None:
        """Release the lock, so that it is free when this returns: the server ends a closed connection only later."""
        if self._connection is not None:
            roll_back(self._connection)
            self._connection.close()
            self._connection = None


def blockers(connection: Connection, step: Step) -> list[Blocker]:
    """Return the sessions whose locks on a step's tables conflict with it; none if they cannot be read.

    A concurrent index build also waits for writers, although its own lock does not conflict with theirs.
    """
    wanted = max(step.lock, LockLevel.SHARE) if step.concurrent else step.lock
    modes = [str(level) for level in sorted(LockLevel, reverse=True) if level and _conflicts(level, wanted)]
    try:
        found = _found(connection, _BLOCKERS, {"tables": _names(step), "modes": modes})
    except psycopg.Error:  # the next attempt reports the error
        return []
    return [Blocker(row[0], row[1], row[2], row[3], row[4] or 0.0, masked_query(row[5]), row[6]) for row in found]


def _conflicts(one: LockLevel, wanted: LockLevel) -> bool:
    """Whether a lock conflicts with another, or with a weaker one that comes with it; the manual's table 13.2."""
    least = {
        LockLevel.ACCESS_SHARE: LockLevel.ACCESS_EXCLUSIVE,
        LockLevel.ROW_SHARE: LockLevel.EXCLUSIVE,
        LockLevel.ROW_EXCLUSIVE: LockLevel.SHARE,
        LockLevel.SHARE_UPDATE_EXCLUSIVE: LockLevel.SHARE_UPDATE_EXCLUSIVE,
        LockLevel.SHARE: LockLevel.ROW_EXCLUSIVE,
        LockLevel.SHARE_ROW_EXCLUSIVE: LockLevel.ROW_EXCLUSIVE,
        LockLevel.EXCLUSIVE: LockLevel.ROW_SHARE,
        LockLevel.ACCESS_EXCLUSIVE: LockLevel.ACCESS_SHARE,
    }
    return wanted >= least[one]


def others_building(connection: Connection, step: Step) -> bool:
    """Whether the index build of a killed repair still runs; its server process ends by itself."""
    return bool(_found(connection, _BUILDING, (_names(step),)))


def _found(connection: Connection, asked: LiteralString, parameters: Any) -> list[tuple[Any, ...]]:
    """Return the rows of a query in its own transaction, as the role that may see the tables."""
    try:
        connection.execute(sent(f"{BEGIN}, read only"))
        limit(connection, 0, 0)
        return connection.execute(asked, parameters).fetchall()
    finally:
        roll_back(connection)


def claim(step: Step) -> str:
    """Return SQL that waits for the lock of a step that must not run twice, and raises DONE if it is done.

    A statement that waits for a lock runs as soon as the holder releases it. The holder may have been the server
    process of a killed repair, which did the same step.
    """
    mode = "".join(f" {letter}" if letter.isupper() else letter for letter in str(step.lock).removesuffix("Lock"))
    return _block(
        f"begin lock table only {dotted(step.locks[0])} in {mode.strip()} mode;"
        " exception when insufficient_privilege or wrong_object_type then null; end;"
        f" if {step.done} then raise 'done' using errcode = '{DONE}'; end if;"
    )


def harmless(step: Step) -> str:
    """Return SQL that locks a step's tables with their children, and raises AT_RISK if the risk was found."""
    if step.risk is None:
        raise AssertionError(step)
    return _block(
        f"lock table {', '.join(map(dotted, step.locks[: step.risk.locked]))} in access exclusive mode;"
        f" if exists ({step.risk.found.rows}) then raise 'at risk' using errcode = '{AT_RISK}'; end if;"
    )


def proof(step: Step) -> str:
    """Return SQL that raises NOT_DONE if the result of a step does not exist."""
    return _block(f"if not ({step.done}) then raise 'not done' using errcode = '{NOT_DONE}'; end if;")


def _block(body: str) -> str:
    return f"do {dollar_quoted(f'{chr(10)}#variable_conflict use_column{chr(10)}begin {body} end', 'sa')}"


def named(step: Step) -> dict[str, list[str]]:
    """What OBSERVED is told of a step."""
    return {"tables": _names(step)}


def strongest(rows: Iterable[tuple[Any, ...]]) -> LockLevel:
    """Return the strongest lock mode in the result of OBSERVED."""
    return max((LockLevel.of(row[0]) for row in rows), default=LockLevel.NONE)


def masked_query(query: str, width: int = 80) -> str:
    """Return the beginning of a query without its literals, which may be secrets."""
    words: list[str] = []
    try:
        words.extend("…" if token.sort in {"string", "dollar", "number"} else token.text for token in tokens(query))
    except UnclosedError:
        words.append("…")
    text = " ".join(words)
    return text if len(text) <= width else f"{text[: width - 1]}…"


def pooled(connection: Connection) -> bool:
    """Whether a pooler is between us and the server: then the server process may differ from the first one."""
    row = connection.execute("select pg_catalog.pg_backend_pid()").fetchone()
    return row is not None and row[0] != connection.info.backend_pid


def _names(step: Step) -> list[str]:
    return [dotted(path) for path in step.locks]
