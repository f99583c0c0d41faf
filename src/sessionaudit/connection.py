"""How we connect: safe behind a transaction pooler, and with a password that nobody gets to see.

Nothing is prepared on the server and nothing is set for the session, because behind a pooler in
transaction mode both leak to other clients (measured with PgBouncer 1.18).
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from sessionaudit.errors import DatabaseError, UsageError

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

OLDEST = 130000
CONNECT_TIMEOUT = 10


class Database(NamedTuple):
    """Which database was read; nothing in it is secret."""

    name: str
    host: str
    server_version: str
    user: str

    def __str__(self) -> str:
        return f"{self.name} on {self.host}, PostgreSQL {self.server_version}"


def connect(url: str | None) -> Connection:
    """Open a connection to a URL or conninfo, else `DATABASE_URL`, else what libpq finds itself.

    Raises UsageError where the URL cannot be read, DatabaseError where no connection comes about or
    the server is older than PostgreSQL 13.
    """
    import psycopg  # noqa: PLC0415 - costs 0.15 s, which --help need not pay

    parameters = _parameters(url or os.environ.get("DATABASE_URL", ""))
    try:
        connection = psycopg.connect(**parameters, autocommit=True, prepare_threshold=None)
    except psycopg.OperationalError as error:
        raise _unreachable(str(error), parameters) from None
    except psycopg.Error as error:
        raise DatabaseError(f"cannot connect: {masked(str(error), parameters)}") from None
    if connection.info.server_version < OLDEST:
        version = connection.info.parameter_status("server_version")
        connection.close()
        raise DatabaseError(
            f"the server is PostgreSQL {version}; sessionaudit needs 13 or later",
            hint="PostgreSQL 12 is out of support since November 2024.",
        )
    return connection


def describe(connection: Connection) -> Database:
    """Tell which database a connection leads to."""
    info = connection.info
    version = (info.parameter_status("server_version") or "").split(" ")[0]
    host = info.host or "local socket"
    return Database(info.dbname, "local socket" if host.startswith("/") else host, version, info.user)


def _parameters(url: str) -> dict[str, Any]:
    from psycopg import ProgrammingError, conninfo  # noqa: PLC0415

    try:
        found = conninfo.conninfo_to_dict(url)
    except ProgrammingError as error:
        reason = re.sub(r'"[^"]*"', "“…”", str(error)).strip().splitlines()[0]
        raise UsageError(
            f"the database URL cannot be read: {reason}",
            hint="It looks like postgresql://USER:PASSWORD@HOST:5432/DATABASE, or host=… dbname=…; "
            "special characters in a password are percent-encoded.",
        ) from None
    found.setdefault("application_name", "sessionaudit")
    if "PGCONNECT_TIMEOUT" not in os.environ:
        found.setdefault("connect_timeout", CONNECT_TIMEOUT)
    return dict(found)


def masked(message: str, parameters: dict[str, Any]) -> str:
    """A libpq message without the password, however it got in, on one line."""
    for secret in (parameters.get("password"), os.environ.get("PGPASSWORD")):
        if secret:
            message = message.replace(str(secret), "…")
    return " ".join(re.sub(r"(://[^:/@\s]*:)[^@\s]*@", r"\1…@", message).split())


_HINTS = (
    ("password authentication failed", "Check user and password; a URL's password must be percent-encoded."),
    ("no password supplied", "Give a password in the URL, in PGPASSWORD or in ~/.pgpass."),
    ("does not exist", "Check the name of the database and of the user in the URL."),
    ("does not support SSL", "The server refuses TLS: try sslmode=prefer, if the network may be trusted."),
    ("SSL", "Check sslmode, sslrootcert and whether the server's certificate fits its name."),
    ("could not translate host name", "Check the host's name in the URL."),
    ("Connection refused", "Is the server running there, and is the port right? Supabase's pooler listens on 6543."),
    ("timeout expired", "Nothing answers there: check host, port and firewall."),
    ("No such file or directory", "Name a database with --database-url or DATABASE_URL."),
    ("too many", "The server takes no more connections now; try again, or go through its pooler."),
)


def _unreachable(message: str, parameters: dict[str, Any]) -> DatabaseError:
    text = masked(message, parameters)
    hint = next((hint for words, hint in _HINTS if words.lower() in text.lower()), "")
    return DatabaseError(f"cannot connect: {text}", hint=hint)


def broken(error: psycopg.Error, doing: str) -> DatabaseError:
    """The error to end with when the server fails us in the middle of `doing` something."""
    state = error.sqlstate or ""
    text = masked(error.diag.message_primary or str(error), {})
    if state == "57014":
        return DatabaseError(
            f"the server took too long {doing} and was stopped: {text}", hint="Allow more with --statement-timeout."
        )
    if state == "42501":
        return DatabaseError(f"the role may not do what is needed {doing}: {text}")
    if not state or state.startswith(("08", "57P")):
        return DatabaseError(f"the connection was lost {doing}: {text}", hint="Nothing was changed. Run it again.")
    return DatabaseError(f"the server failed {doing}: {text} ({state})")
