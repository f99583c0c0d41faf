"""Ask the server whether policies read themselves: it plans a command as a role, and runs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import psycopg

from sessionaudit.core import sqlstate
from sessionaudit.sql.text import identifier, sent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.postgres.connection import Connection

_SAVEPOINT, _BACK = "savepoint sessionaudit_role", "rollback to savepoint sessionaudit_role"
_EXPLAINED = {
    "select": "explain select 1 from {} where false",
    "insert": "explain insert into {} default values",
    "update": "explain update {} set {} = default where false",
    "delete": "explain delete from {} where false",
}


class FoundRecursion(NamedTuple):
    """The server's messages by command, and why it could not be asked; "" if it could."""

    messages: dict[str, str]
    refused: str = ""


def recursions(
    connection: Connection, role: str, path: ObjectPath, commands: Sequence[str], column: str = ""
) -> FoundRecursion:
    """Return which commands of a role on a relation fail as its policies recurse (42P17), in the open transaction.

    An update needs a `column`. Raises psycopg.Error.
    """
    messages: dict[str, str] = {}
    for command in commands:
        if command == "update" and not column:
            continue
        text = _EXPLAINED[command].format(identifier(*path), identifier(column))
        connection.execute(_SAVEPOINT)
        taken = False
        try:
            connection.execute("select pg_catalog.set_config('role', %s, true)", (role,))
            taken = True
            connection.execute(sent(text))
        except psycopg.Error as error:
            if not error.sqlstate or sqlstate.ends_connection(error.sqlstate):
                raise
            if not taken:
                connection.execute(_BACK)
                return FoundRecursion(messages, error.diag.message_primary or "the role cannot be taken on")
            if error.sqlstate == sqlstate.INVALID_OBJECT_DEFINITION:
                messages[command] = error.diag.message_primary or ""
        connection.execute(_BACK)
    return FoundRecursion(messages)
