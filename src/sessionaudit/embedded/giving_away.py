"""Give objects to roles that may not create them where they are: a superuser, who made the files, could."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionaudit.core import sqlstate
from sessionaudit.sql.text import literal, quoted, unquote

if TYPE_CHECKING:
    from sessionaudit.embedded.bounded import BoundedConnection, ReplayRefusal
    from sessionaudit.sql.statements import SqlStatement

_NO_RIGHT = re.compile(r"permission denied for (schema|database) (.+)")
# At the end of a statement, or of one in a block.
_OWNER_TO = re.compile(r'\bowner\s+to\s+("(?:[^"]|"")+"|[\w$]+)\s*(?:;|\Z)', re.IGNORECASE)
# A row for a role that may not create there: only such a one is given the right, as it will be taken back.
_LACKING = {
    "schema": """
select from pg_catalog.pg_roles r, pg_catalog.pg_namespace n
 where r.rolname = {role} and n.nspname = {name} and not pg_catalog.has_schema_privilege(r.oid, n.oid, 'create')""",
    "database": """
select from pg_catalog.pg_roles r, pg_catalog.pg_database d
 where r.rolname = {role} and d.datname = {name} and not pg_catalog.has_database_privilege(r.oid, d.oid, 'create')""",
}


def given_away(
    connection: BoundedConnection, statement: SqlStatement, refused: ReplayRefusal, savepoint: str
) -> ReplayRefusal | None:
    """What becomes of a statement that lacked the right to create when the new owner has it; of all else, the same.

    The right is gone afterwards, also where the statement failed. In a transaction, what was done last was to go back
    to the savepoint.
    """
    match = _NO_RIGHT.fullmatch(refused.message)
    if match is None or refused.state != sqlstate.INSUFFICIENT_PRIVILEGE:
        return refused
    named = sorted({found[1] for found in _OWNER_TO.finditer(statement.text)})
    lacking, place = _LACKING[match[1]], literal(match[2])
    owners = ", ".join(
        name for name in named if connection.finds(lacking.format(role=literal(unquote(name)), name=place))
    )
    what = f"create on {match[1]} {quoted(match[2])}"
    if not owners or connection.run(f"grant {what} to {owners}"):
        return refused
    again = connection.run(statement.text)
    if connection.in_failed:
        connection.run(f"rollback to {savepoint}")
        return again
    return connection.run(f"revoke {what} from {owners}") or again
