"""Connect to a database: safely behind a transaction pooler, and without ever showing a password.

No statement is prepared and no session parameter is set, because behind a pooler in transaction mode both leak to other
clients (measured with PgBouncer 1.18).
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from sessionaudit.core import sqlstate
from sessionaudit.core.node import close
from sessionaudit.core.report import Database
from sessionaudit.core.underway import UNDERWAY
from sessionaudit.errors import DatabaseError, UsageError
from sessionaudit.postgres.masking import masked
from sessionaudit.postgres.timeout import milliseconds

if TYPE_CHECKING:
    from collections.abc import Generator

    import psycopg

    from sessionaudit.postgres import protocol

    Connection = psycopg.Connection[tuple[Any, ...]]

OLDEST = 130000
# Settings that a role or a database may have, and that change how the server prints expressions. By default the server
# also compiles expensive plans, which takes longer than it takes to run ours: 27 s instead of 1.9 s for what depends on
# an enum, and 1.7 s instead of 0.4 s to read 1,000 tables.
LIMITS = """
select pg_catalog.set_config('search_path', '', true),
       pg_catalog.set_config('jit', 'off', true),
       pg_catalog.set_config('extra_float_digits', '1', true),
       pg_catalog.set_config('quote_all_identifiers', 'off', true),
       pg_catalog.set_config('standard_conforming_strings', 'on', true),
       pg_catalog.set_config('datestyle', 'ISO', true),
       pg_catalog.set_config('intervalstyle', 'postgres', true),
       pg_catalog.set_config('idle_in_transaction_session_timeout', '0', true),
       pg_catalog.set_config('statement_timeout', %s, true),
       pg_catalog.set_config('lock_timeout', %s, true),
       case when pg_catalog.current_setting('transaction_timeout', true) is not null
            then pg_catalog.set_config('transaction_timeout', '0', true) end,
       pg_catalog.set_config('sessionaudit.transaction', %s, true)"""
_ROLE = "select pg_catalog.set_config('role', %s, true)"
# Marks the transactions of this process: a value that cannot be guessed, and that is reset when a transaction ends.
MARK = secrets.token_hex(16)
CONNECT_TIMEOUT = 10


class Address(NamedTuple):
    """The connection string for `connect`, and the role that every transaction takes on."""

    url: str | None
    role: str = ""


Url = str | Address | None


def connect(to: Url) -> Connection:
    """Open a connection to a URL or conninfo string, else to `DATABASE_URL`, else with libpq's defaults.

    If an Address names a role, `limit` sets it in each transaction, and only for that transaction. Raises UsageError if
    the URL is invalid or the role cannot be set, DatabaseError if the connection fails or the server is older than
    PostgreSQL 13.
    """

    import logging  # noqa: PLC0415 - psycopg loads it in any case

    import psycopg  # noqa: PLC0415 - costs 0.15 s, which --help need not pay

    from sessionaudit.postgres import protocol  # noqa: PLC0415 - loads psycopg

    url, role = to if isinstance(to, Address) else (to, "")
    # We report broken connections in our own words; without a handler psycopg's warning would go to stderr.
    if not (log := logging.getLogger("psycopg")).handlers:
        log.addHandler(logging.NullHandler())
    if url is not None and not url.strip():
        raise UsageError("the database URL is empty", hint="Is the variable set that was passed to --database-url?")
    parameters = parameters_of(url or os.environ.get("DATABASE_URL", ""))
    try:
        with UNDERWAY.doing("connecting"):
            connection = _opened(protocol.Connection, parameters)
        if connection.info.parameter_status("server_encoding") == "SQL_ASCII":  # where any byte may be in a text
            connection.close()
            connection = _opened(protocol.Connection, {**parameters, "client_encoding": "sql_ascii"})
            protocol.take_any_bytes(connection)
    except psycopg.OperationalError as error:
        from sessionaudit.postgres.unreachable import unreachable  # noqa: PLC0415 - its patterns take a while to compile

        raise unreachable(str(error), parameters) from None
    except psycopg.Error as error:
        raise DatabaseError(f"cannot connect: {masked(str(error), parameters)}") from None
    if connection.info.server_version < OLDEST:
        version = connection.info.parameter_status("server_version") or "of an unknown version"
        connection.close()
        raise DatabaseError(
            f"the server is PostgreSQL {version}; sessionaudit needs 13 or later",
            hint="PostgreSQL 12 has been out of support since November 2024.",
        )
    if role:
        _take_on(connection, role)
    elif "role" in connection.info.options:  # of the URL, of PGOPTIONS or of a service
        _keep(connection)
    return connection


def _opened(kind: type[protocol.Connection], parameters: dict[str, Any]) -> protocol.Connection:
    return kind.connect(**parameters, autocommit=True, prepare_threshold=None)


def _take_on(connection: protocol.Connection, role: str) -> None:
    """Make a connection use a role, if it is permitted."""
    import psycopg  # noqa: PLC0415 - it is loaded by then

    try:
        with connection.transaction(force_rollback=True):
            connection.execute(_ROLE, (role,))
            row = connection.execute("select pg_catalog.current_setting('is_superuser')").fetchone()
    except psycopg.Error as error:
        connection.close()
        raise UsageError(
            f"cannot set the role {role}: {error.diag.message_primary or error}",
            hint="--role needs an existing role, of which the connecting role is a member.",
        ) from None
    connection.role, connection.role_is_superuser = role, row == ("on",)


def _keep(connection: protocol.Connection) -> None:
    """Make a connection use in each transaction the role that its options have set. Raises DatabaseError."""
    import psycopg  # noqa: PLC0415 - it is loaded by then

    asked = "select current_user, pg_catalog.current_setting('is_superuser') = 'on'"
    try:
        name, superuser = connection.execute(asked).fetchone() or ("", False)
    except psycopg.Error as error:
        connection.close()
        raise broken(error, "telling the role that the options set") from None
    if name != connection.info.user:
        connection.role, connection.role_is_superuser = name, superuser


def user(connection: Connection) -> str:
    """Return the role that transactions use."""
    return role_of(connection) or connection.info.user


def limit(connection: Connection, statement: float, lock: float) -> None:
    """Set up a transaction: settings, timeouts (in seconds, 0 for none), our mark, and the role.

    Call it first in each transaction, because it only lasts until the end of the transaction. Raises psycopg.Error.
    """
    connection.execute(LIMITS, (milliseconds(statement), milliseconds(lock), MARK))
    if role := role_of(connection):
        connection.execute(_ROLE, (role,))


def role_of(connection: Connection) -> str:
    """Return the role that the transactions of a connection set; "" if it is the one that connected."""
    return str(getattr(connection, "role", ""))


@contextmanager
def closing(connection: Connection) -> Generator[Connection]:
    """Yield a connection and close it; if the block fails, close it at once, even if a thread is waiting on it."""
    try:
        yield connection
    except BaseException:
        hang_up(connection)
        raise
    finally:
        connection.close()


def hang_up(connection: Connection) -> None:
    """Close a connection, even one that a thread is waiting on; the server rolls back by itself."""
    from psycopg import Error  # noqa: PLC0415 - it is loaded by then

    if not connection.lock.acquire(blocking=False):
        with contextlib.suppress(OSError, Error), socket.socket(fileno=os.dup(connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)
        if not connection.lock.acquire(timeout=1):
            return
    connection.lock.release()
    connection.close()


def roll_back(connection: Connection) -> None:
    """Roll back a transaction; if the connection was lost, the next use reports it."""
    from psycopg import Error  # noqa: PLC0415 - it is loaded by then

    if not connection.closed and not connection.broken:
        with contextlib.suppress(Error):
            connection.rollback()


def describe(connection: Connection) -> Database:
    """Return the database that a connection uses."""
    info = connection.info
    version = (info.parameter_status("server_version") or "").split(" ")[0]
    host = info.host or "local socket"
    return Database(info.dbname, "local socket" if host.startswith("/") else host, version, info.user)


def parameters_of(url: str) -> dict[str, Any]:
    """Return the parameters for libpq, with ours. Raises UsageError if the URL is not valid."""
    from psycopg import ProgrammingError, conninfo  # noqa: PLC0415 - it is loaded by then

    reason = _ambiguity(url)
    found: dict[str, Any] = {}
    if not reason:
        try:
            found = dict(conninfo.conninfo_to_dict(url))
        except (ProgrammingError, UnicodeError) as error:
            reason = _reason(url, str(error))
    reason = reason or _nonsense(found)
    if reason:
        raise UsageError(
            f"the database URL is not valid: {reason}",
            hint="Use the form postgresql://USER:PASSWORD@HOST:5432/DATABASE, or host=… dbname=…; "
            "special characters in a password are percent-encoded.",
        )
    found.setdefault("application_name", "sessionaudit")
    found["client_encoding"] = "utf8"
    if "PGCONNECT_TIMEOUT" not in os.environ:
        found.setdefault("connect_timeout", CONNECT_TIMEOUT)
    return found


_URL = re.compile(r"postgres(?:ql)?://")
_OTHER_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def _ambiguity(url: str) -> str:
    """Return why libpq would take part of the password for a host, port or path, and print it in an error."""
    if not (match := _URL.match(url)):
        return ""
    authority, _, rest = url[match.end() :].partition("/")
    if "@" in authority.partition("@")[2] or "@" in rest.partition("?")[0]:
        return "it has more than one “@”; in a password, write “@” as %40 and “/” as %2F"
    return ""


def _nonsense(parameters: dict[str, Any]) -> str:
    for port in str(parameters.get("port", "")).split(","):
        if port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
            return "the port is not a number from 1 to 65535"
    timeout = str(parameters.get("connect_timeout", "0"))
    return "" if re.fullmatch(r"[0-9]+", timeout) else "connect_timeout is not a number of seconds"


# Messages of libpq, and our own words for them: libpq quotes the URL, with the password.
_REASONS = (
    ('missing "=" after', "“=” is missing after a word"),
    ("unterminated quoted string", "a quote is never closed"),
    ("invalid connection option", "it has an option that libpq does not know"),
    ("IPv6", "the brackets around the IPv6 address do not match"),
    ("key/value separator", "the text after “?” is not NAME=VALUE"),
    ("invalid URI query parameter", "a parameter after “?” has a name that libpq does not know"),
    ("percent-encoded value", "%00 is not allowed"),
    ("percent-encoded token", "a “%” is not followed by two hexadecimal digits; “%” itself is written %25"),
    ("unexpected spaces", "a space is written %20"),
    ("codec can't", "it is not UTF-8; “%” itself is written %25"),
)
_FOREIGN = ("pgbouncer", "connection_limit", "pool_timeout", "schema", "statement_cache_size", "prepared_statements")


def _reason(url: str, message: str) -> str:
    if not _URL.match(url) and _OTHER_URL.match(url):
        return "it does not begin with postgresql://"
    foreign = [name for name in _FOREIGN if re.search(rf"[?&]{name}=", url)]
    if foreign and "query parameter" in message:
        return f"libpq does not know the parameter “{foreign[0]}”, which is for another library; leave it out"
    said = next((said for words, said in _REASONS if words in message), "it is neither a URL nor NAME=VALUE pairs")
    return f"{said}{_meant(url)}" if "query parameter" in message else said


def _meant(url: str) -> str:
    """Return which parameter was perhaps meant; of the URL itself nothing, as it may be a part of the password."""
    from psycopg import pq  # noqa: PLC0415 - it is loaded by then

    known = [one.keyword.decode() for one in pq.Conninfo.get_defaults()]
    unknown = [name for name in re.findall(r"[?&]([a-z_]+)=", url) if name not in known]
    hint = close(unknown[0], known) if unknown else ""
    return f". {hint}" if hint else ""


_QUOTED = "(?s)[\"'“„«»\u2018].*[\"'”“»«\u2019]"
_OF_RIGHTS = sqlstate.INSUFFICIENT_PRIVILEGE  # the message names tables, not rows


def told(error: psycopg.Error) -> str:
    """Return the server's message on one line, without a password and without quoted values of rows.

    A message with a position and without a context is about the text of the statement, which the server parses before
    it runs anything. In all other messages, quoted text may be a value of a row.
    """
    text = masked(error.diag.message_primary or str(error), {})
    own = error.diag.statement_position is not None and not error.diag.context
    if not own and error.sqlstate and error.sqlstate != _OF_RIGHTS:
        text = without_values(text, error.sqlstate)
    return text


def without_values(message: str, state: str) -> str:
    """Remove quoted text from a message if it may come from a row: errors about data, and casts to names."""
    return (
        re.sub(_QUOTED, "“…”", message)
        if state.startswith(
            (
                sqlstate.DATA_EXCEPTION,
                sqlstate.SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION,
                sqlstate.UNKNOWN_SCHEMA,
                sqlstate.SYSTEM_ERROR,
                sqlstate.INTERNAL,
            )
        )
        else message
    )


def told_of_reading(error: psycopg.Error) -> str:
    """Return the message about SQL that only reads, without what functions raise: that may contain a row."""
    return (
        "a function raised an exception" if (error.sqlstate or "").startswith(sqlstate.PLPGSQL_ERROR) else told(error)
    )


UNTRANSLATABLE = sqlstate.UNTRANSLATABLE_CHARACTER
_BYTE = re.compile(r"\b0x([0-9a-f]{2})\b")


def untranslatable(error: psycopg.Error) -> str:
    """Say in a clause which character the database's encoding lacks."""
    message = error.diag.message_primary or ""
    character = character_of(error)
    encodings = re.findall('"([A-Z0-9_]+)"', message)
    what = f"the character {character} (U+{ord(character):04X})" if character else "a character"
    return f"{what} does not exist in the database's encoding{f', {encodings[-1]}' if encodings else ''}"


def character_of(error: psycopg.Error) -> str:
    """Return the character that the server could not convert; "" if it is not in the message."""
    raw = bytes.fromhex("".join(_BYTE.findall(error.diag.message_primary or "")))
    text = raw.decode(errors="replace")
    return text if len(text) == 1 and text != "\ufffd" else ""


def broken(error: psycopg.Error, doing: str) -> DatabaseError:
    """Return the error for a server failure while `doing` something."""
    from psycopg import InterfaceError, OperationalError  # noqa: PLC0415 - it is loaded by then

    state = error.sqlstate or ""
    text = told_of_reading(error)
    if state == sqlstate.QUERY_CANCELED:
        return DatabaseError(
            f"the server took too long {doing}, and the query was cancelled: {text}",
            hint="Allow more with --statement-timeout.",
        )
    if state == sqlstate.LOCK_NOT_AVAILABLE:
        return DatabaseError(
            f"another session holds a lock that is needed for {doing}: {text}",
            hint="Find it in pg_locks (VACUUM FULL, perhaps), or run it again later.",
        )
    if state == sqlstate.INSUFFICIENT_PRIVILEGE:
        return DatabaseError(
            f"permission denied while {doing}: {text}",
            hint="Grant the privilege, or connect as another role.",
        )
    if state == UNTRANSLATABLE:
        return DatabaseError(
            f"{untranslatable(error)}, {doing}",
            hint="Nothing in this database can contain it: is this the right database?",
        )
    if state.startswith(
        (sqlstate.CONNECTION_EXCEPTION, sqlstate.SHUTDOWN, sqlstate.IDLE_IN_TRANSACTION_SESSION_TIMEOUT)
    ) or (not state and isinstance(error, (InterfaceError, OperationalError))):
        return DatabaseError(f"the connection was lost {doing}: {text}", hint="Run it again.")
    return DatabaseError(f"the server failed {doing}: {text}" + (f" ({state})" if state else ""))
