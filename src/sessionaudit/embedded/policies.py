"""Write policies for tables that belong to a hosting platform, and drop their triggers, as its role `postgres` may.

Supabase lets that role do so though it does not own the tables. Here it is made a member of the role that owns them
for the one statement, from another session, and no longer: a file can never be that role.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from sessionaudit.core import sqlstate

if TYPE_CHECKING:
    from collections.abc import Generator

    from sessionaudit.embedded.bounded import BoundedConnection, ReplayRefusal
    from sessionaudit.sql.statements import SqlStatement

_OWNERS = {
    **dict.fromkeys(("users", "identities", "sessions"), "supabase_auth_admin"),
    **dict.fromkeys(("buckets", "objects"), "supabase_storage_admin"),
    "messages": "supabase_realtime_admin",
}
_NOT_OWNER = re.compile(r"must be owner of (?:table|relation) (.+)")
# A name that was not looked for yet has the backend look into the catalog, and so hear of what others have changed.
_HEAR = "select pg_catalog.to_regrole('sessionaudit_nobody_{}')"
_NO_OTHER_ROLE = (
    "select pg_catalog.set_config('role', 'none', false) "
    "where not pg_catalog.pg_has_role(session_user, current_user, 'member')"
)
_APART_SINCE = 160000  # to inherit from a role, and to become it


class PolicyLender:
    """Lets the role `member` write policies; `watcher` is a superuser's, in another session."""

    def __init__(self, watcher: psycopg.Connection[tuple[Any, ...]], member: str) -> None:
        self._watcher, self._member = watcher, member
        self._numbers = count()

    def tried(
        self, connection: BoundedConnection, statement: SqlStatement, refused: ReplayRefusal, savepoint: str
    ) -> ReplayRefusal | None:
        """What becomes of a refused policy for a table of the platform when it may be written; of all else, the same.

        In a transaction, the statement before was to make the savepoint.
        """
        match = _NOT_OWNER.fullmatch(refused.message)
        lent = statement.words[1:2] == ("policy",) or statement.words[:2] == ("drop", "trigger")
        owner = _OWNERS.get(match[1]) if match and lent else None
        if owner is None or refused.state != sqlstate.INSUFFICIENT_PRIVILEGE:
            return refused
        with self._lent(owner):
            self._hear(connection)
            again = connection.run(statement.text)
        if connection.in_failed:
            connection.run(f"rollback to {savepoint}")
        self._hear(connection)
        connection.run(_NO_OTHER_ROLE)
        return again

    def _hear(self, connection: BoundedConnection) -> None:
        connection.run(_HEAR.format(next(self._numbers)))

    @contextmanager
    def _lent(self, owner: str) -> Generator[None]:
        names = {"owner": sql.Identifier(owner), "member": sql.Identifier(self._member)}
        apart = "with inherit true, set false" if self._watcher.info.server_version >= _APART_SINCE else ""
        try:
            self._watcher.execute(sql.SQL("grant {owner} to {member} {apart}").format(**names, apart=sql.SQL(apart)))
            yield
        finally:
            self._watcher.execute(sql.SQL("revoke {owner} from {member}").format(**names))
