"""Wait for transactions that write to a table during its repair, so that their rows become visible."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from sessionaudit.audits.data.transaction import transaction
from sessionaudit.postgres.retry import Retry
from sessionaudit.sql.text import identifier

if TYPE_CHECKING:
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.postgres.connection import Connection

PATIENCE = 10.0
_PAUSE = 0.05
_TIMEOUT = 30.0
# An INSERT holds this lock until its transaction ends (the manual, “Table-Level Locks”): on the table, or on the
# partition that receives the row.
_WRITING = """
with recursive family (oid) as (
  select pg_catalog.to_regclass(%s)::pg_catalog.oid
  union
  select i.inhrelid from family f join pg_catalog.pg_inherits i on i.inhparent = f.oid
)
select l.virtualtransaction
  from pg_catalog.pg_locks l
  join pg_catalog.pg_database d on d.oid = l.database and d.datname = pg_catalog.current_database()
 where l.locktype = 'relation'
   and l.relation in (select f.oid from family f)
   and l.mode = 'RowExclusiveLock'
   and l.granted
   and l.pid is distinct from pg_catalog.pg_backend_pid()"""


class Writers(Struct):
    """The transactions that write to a table, and the time to wait for them: at most `seconds`."""

    table: ObjectPath
    seconds: float = PATIENCE
    _given_up: set[str] = field(default_factory=set)

    def ended(self, connection: Connection) -> bool:
        """Wait for the current ones, as CREATE INDEX CONCURRENTLY does. Return whether all have ended.

        A transaction that did not end in time is not waited for a second time.
        """
        retry = Retry(pause=_PAUSE, seconds=self.seconds)
        left = self._now(connection)
        while left - self._given_up and retry.again():
            left &= self._now(connection)
        self._given_up |= left
        return not left

    def _now(self, connection: Connection) -> set[str]:
        with transaction(connection, self.table[0], timeout=_TIMEOUT):  # as the role that may see the table
            return {row[0] for row in connection.execute(_WRITING, (identifier(*self.table),))}
