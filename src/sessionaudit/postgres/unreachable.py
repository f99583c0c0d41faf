"""Say why a server was not reached, in the words of libpq without its secrets, and what to look at."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Any

from sessionaudit.core.visible import shell_path
from sessionaudit.errors import DatabaseError
from sessionaudit.postgres.asked_settings import options_of
from sessionaudit.postgres.masking import masked

_WHERE = "in the URL"
_OTHERWISE = "give the password in the URL or in PGPASSWORD"
# The values of parameters that libpq checks before it connects.
_TAKES = {
    "channel_binding": "disable, prefer or require",
    "gssencmode": "disable, prefer or require",
    "load_balance_hosts": "disable or random",
    "sslcertmode": "disable, allow or require",
    "sslmode": "disable, allow, prefer, require, verify-ca or verify-full",
    "sslnegotiation": "postgres or direct",
    "target_session_attrs": "any, read-write, read-only, primary, standby or prefer-standby",
}
_INVALID = re.compile(r'invalid "?(\w+)"? value: |for connection option "(\w+)"')
_OF_SETTINGS = re.compile(
    r"unrecognized configuration parameter|invalid value for parameter|invalid command-line argument"
    r"|requires a value|permission denied to set (?:parameter|role)|unsupported startup parameter"
)
_UNKNOWN_ROLE = re.compile(r'role "([^"]*)" does not exist')
_SOCKET = re.compile(r'on socket "([^"]*)" failed')
_HINTS = tuple(
    (re.compile(words, re.IGNORECASE), hint)
    for words, hint in (
        ("password retrieved from file", "Correct the password in that file, or the user."),
        ("password authentication failed", "Check user and password; a URL's password must be percent-encoded."),
        ("no password supplied", "Give a password in the URL, in PGPASSWORD or in ~/.pgpass."),
        (
            "root certificate",
            "Check sslrootcert; without it, the root certificates are those of ~/.postgresql/root.crt.",
        ),
        ("private key file", "Check sslkey: nobody but its owner may read the file (chmod 600)."),
        ("(?:database|role) .* does not exist", "Check the name of the database and of the user in the URL."),
        (
            "channel binding",
            "channel_binding=require needs TLS and a SCRAM password; channel_binding=prefer does without them.",
        ),
        ("authentication method requirement", "Check require_auth: the server asks for another method."),
        (
            "GSSAPI",
            "gssencmode=require needs a Kerberos ticket, which klist shows; gssencmode=disable needs none.",
        ),
        (
            "(?:session|server) is (?:not )?(?:read-only|in hot standby mode)",
            "target_session_attrs asks for another kind of server: name the host of such a server, or leave it out.",
        ),
        ("does not support SSL", "The server does not support TLS: use sslmode=prefer if the network is trusted."),
        ("could not translate host name|failed to resolve host", "Check the host name in the URL."),
        ("definition of service", "Check PGSERVICE, and the name in ~/.pg_service.conf."),
        ("service file", "Check PGSERVICEFILE, which names the file; without it, that is ~/.pg_service.conf."),
        (
            "Connection refused",
            "Is the server running there, and is the port right? Supabase's pooler listens on 6543.",
        ),
        ("timeout expired", "Nothing answered: check host, port and firewall."),
        ("could not match .* port numbers", "Give one port for all hosts, or one for each."),
        ("too many", "The server accepts no more connections now; try again, or use its pooler."),
    )
)
_OF_TLS = "Check sslmode, sslrootcert and that the server's certificate matches its name."


def unreachable(message: str, parameters: dict[str, Any]) -> DatabaseError:
    """Return the error for a message of libpq on connecting, without the password."""
    hint = hint_of(message, parameters) or (_OF_TLS if "ssl" in message.lower() else "")
    text = re.sub(r"^(?:connection (?:failed|is bad): )+", "", masked(message, parameters))
    return DatabaseError(f"cannot connect: {text}", hint=hint)


def hint_of(message: str, parameters: dict[str, Any]) -> str:
    """Return what to look at after a message of libpq; "" if that is not known."""
    if invalid := _INVALID.search(message):
        return _of_value(invalid[1] or invalid[2])
    if is_of_options(message, parameters):
        place = f"options {_WHERE}" if parameters.get("options") else "PGOPTIONS"
        return f"Check {place}. To work as a role, use --role in place of it."
    if socket := _SOCKET.search(message):
        return _of_socket(Path(socket[1]), message, parameters)
    if "no password supplied" in message and (said := _of_password_file(parameters)):
        return said
    return next((hint for words, hint in _HINTS if words.search(message)), "")


def is_of_parameter(message: str) -> bool:
    """Whether libpq refused a parameter, before it looked for a server."""
    started = "connection to server " in message or "could not translate host name" in message
    return not started or _INVALID.search(message) is not None


def is_of_options(message: str, parameters: dict[str, Any]) -> bool:
    """Whether the server accepted who connects, and refused a setting that the connection asks for."""
    options = options_of(parameters)
    unknown = _UNKNOWN_ROLE.search(message)
    return bool(options) and (bool(_OF_SETTINGS.search(message)) or (unknown is not None and unknown[1] in options))


def _of_value(name: str) -> str:
    from psycopg import pq  # noqa: PLC0415 - it is loaded by then

    variables = {one.keyword.decode(): one.envvar for one in pq.Conninfo.get_defaults()}
    variable = variables.get(name)
    places = f"{_WHERE} or in {variable.decode()}" if variable else _WHERE
    takes = f": it takes {_TAKES[name]}" if name in _TAKES else ""
    return f"Check {name} {places}{takes}."


def _of_socket(path: Path, message: str, parameters: dict[str, Any]) -> str:
    """Return what is wrong with the socket of a server on this machine."""
    if "Permission denied" in message:
        return f"You may not use the socket in {path.parent}: check the rights of the directory, or name a host."
    if not parameters.get("host"):
        said = f"{_in_directory(path)} " if os.environ.get("PGHOST") else ""
        return f"{said}Name a database with --database-url or DATABASE_URL."
    return _in_directory(path)


def _in_directory(path: Path) -> str:
    if not path.parent.is_dir():
        return (
            f"There is no directory {path.parent}. On the server, SHOW unix_socket_directories says where its sockets "
            "are: often /var/run/postgresql or /tmp."
        )
    port = path.suffix.removeprefix(".")
    others = sorted(one.suffix.removeprefix(".") for one in path.parent.glob(".s.PGSQL.*") if one.suffix != ".lock")
    if others and port not in others:
        return f"In {path.parent} is no socket for port {port}, but for {', '.join(others)}: check the port."
    return f"Is a server with port {port} running on this machine, and is its socket in {path.parent}?"


def _of_password_file(parameters: dict[str, Any]) -> str:
    """Return why libpq took no password from its file; "" where there is no reason to expect it there."""
    named = parameters.get("passfile") or os.environ.get("PGPASSFILE")
    path = Path(named) if named else Path("~/.pgpass").expanduser()
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return f"The password file {path} cannot be read ({error.strerror}); {_OTHERWISE}." if named else ""
    if not stat.S_ISREG(mode):
        return f"The password file {path} is not a plain file, and so libpq ignores it; {_OTHERWISE}."
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        return f"libpq ignores the password file {path}, as others may read it: run `chmod 600 {shell_path(path)}`."
    return f"The password file {path} has no line for this host, port, database and user; {_OTHERWISE}."
