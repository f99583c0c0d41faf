"""Warn where the SQL of a contract runs as a superuser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.postgres.connection import role_of

if TYPE_CHECKING:
    from sessionaudit.postgres.connection import Connection

_ALMIGHTY = (
    "the contract's SQL ran as {role}, a superuser, which may do everything: for a contract that you did not write, "
    "name a role without privileges with --role"
)


def warnings(connection: Connection) -> tuple[str, ...]:
    """Return the warning, if transactions use a superuser."""
    role = superuser(connection)
    return (_ALMIGHTY.format(role=role),) if role else ()


def superuser(connection: Connection) -> str:
    """Return the role that transactions use, if it is a superuser; else ""."""
    if role := role_of(connection):
        return role if getattr(connection, "role_is_superuser", False) else ""
    return connection.info.user if connection.info.parameter_status("is_superuser") == "on" else ""
