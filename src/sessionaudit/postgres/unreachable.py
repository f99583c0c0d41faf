"""Say why a server was not reached, in the words of libpq without its secrets, and what to look at.

What the server itself says on connecting comes without its SQLSTATE, and in the language of its `lc_messages`. So a
hint for a cause is given only where the words are known, and otherwise one that fits all causes. Names of users,
databases and files are not taken for such words.
"""

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
# What begins the words of a server: libpq puts two spaces after a severity, which is in the server's language, too.
_BY_SERVER = re.compile(r'^[^\s:"][^:"]{0,30}:  ')
_BEFORE = re.compile(r"^(?:connection (?:failed|is bad): )*(?:connection to server (?:at|on) .*? failed: )?")
_OF_PSYCOPG = re.compile(r"^(?:connection (?:failed|is bad): )+")
_NAMES = re.compile(r"""".*"|'.*'|>>.*<<|».*«|«.*»|„.*[“”]|“.*”|「.*」""")
# What libpq says itself, always in English, as this program never calls setlocale for messages.
_HINTS = {
    "password retrieved from file": "Correct the password in that file, or the user.",
    "no password supplied": "Give a password in the URL, in PGPASSWORD or in ~/.pgpass.",
    "root certificate": "Check sslrootcert; without it, the root certificates are those of ~/.postgresql/root.crt.",
    "private key file": "Check sslkey: nobody but its owner may read the file (chmod 600).",
    "channel binding": (
        "channel_binding=require needs TLS and a SCRAM password; channel_binding=prefer does without them."
    ),
    "authentication method requirement": "Check require_auth: the server asks for another method.",
    "GSSAPI": "gssencmode=require needs a Kerberos ticket, which klist shows; gssencmode=disable needs none.",
    "(?:session|server) is (?:not )?(?:read-only|in hot standby mode)": (
        "target_session_attrs asks for another kind of server: name the host of such a server, or leave it out."
    ),
    "does not support SSL": "The server does not support TLS: use sslmode=prefer if the network is trusted.",
    "could not translate host name|failed to resolve host": "Check the host name in the URL.",
    "definition of service": "Check PGSERVICE, and the name in ~/.pg_service.conf.",
    "service file": "Check PGSERVICEFILE, which names the file; without it, that is ~/.pg_service.conf.",
    "Connection refused": "Is the server running there, and is the port right? Supabase's pooler listens on 6543.",
    "timeout expired": "Nothing answered: check host, port and firewall.",
    "could not match .* port numbers": "Give one port for all hosts, or one for each.",
    "SSL|certificate": "Check sslmode, sslrootcert and that the server's certificate matches its name.",
}
_HINTS_FOR_SERVER = {
    "password authentication failed": "Check user and password; a URL's password must be percent-encoded.",
    "(?:database|role) .* does not exist|no such (?:database|user)": (
        "Check the name of the database and of the user in the URL."
    ),
    "too many|connection slots are reserved": (
        "The server accepts no more connections now; try again, or use its pooler."
    ),
    "pg_hba\\.conf": (  # in every language
        "The server's file pg_hba.conf admits no such connection: what counts is the user, the database, the address "
        "that you connect from, and whether the connection is encrypted (sslmode=require)."
    ),
}


def unreachable(message: str, parameters: dict[str, Any]) -> DatabaseError:
    """Return the error for a message of libpq on connecting, without the password."""
    hint = hint_of(message, parameters)
    return DatabaseError(f"cannot connect: {masked(_on_one_line(message, hint), parameters)}", hint=hint)


def _on_one_line(message: str, hint: str) -> str:
    """Join the lines of a message of libpq as sentences; its own advice, which is indented, gives way to a hint."""
    lines = [line for line in message.splitlines() if line.strip() and not (hint and line.startswith("\t"))]
    bare = dict.fromkeys(_OF_PSYCOPG.sub("", line.strip()) for line in lines)
    return " ".join(line if line.endswith((".", "?", "!", ":")) else f"{line}." for line in bare).rstrip(".")


def hint_of(message: str, parameters: dict[str, Any]) -> str:
    """Return what to look at after a message of libpq; "" if that is not known.

    If the server refused in words that are not known, that is everything for which it may refuse.
    """
    if invalid := _INVALID.search(message):
        return _of_value(invalid[1] or invalid[2])
    options = f"options {_WHERE}" if parameters.get("options") else "PGOPTIONS"
    if is_of_options(message, parameters):
        return f"Check {options}. To work as a role, use --role in place of it."
    own, servers = _speakers(message)
    if not servers and (socket := _SOCKET.search(message)):
        return _of_socket(Path(socket[1]), message, parameters)
    if "no password supplied" in own and (said := _of_password_file(parameters)):
        return said
    if hint := _first(_HINTS, own) or _first(_HINTS_FOR_SERVER, servers):
        return hint
    asked = f", {options}" if options_of(parameters) else ""
    return (
        f"The server answered, and refused: check user, password, database{asked}, and its limits." if servers else ""
    )


def _speakers(message: str) -> tuple[str, str]:
    """Return what libpq says itself, and what it passes on from the server, without the names in both."""
    own: list[str] = []
    servers: list[str] = []
    for line in message.splitlines():
        said = _BEFORE.sub("", line)
        (servers if _BY_SERVER.match(said) else own).append(_NAMES.sub("…", said))
    return "\n".join(own), "\n".join(servers)


def _first(hints: dict[str, str], words: str) -> str:
    return next((hint for pattern, hint in hints.items() if re.search(pattern, words)), "")


def is_of_parameter(message: str) -> bool:
    """Whether libpq refused a parameter, before it looked for a server."""
    started = "connection to server " in message or "could not translate host name" in message
    return not started or _INVALID.search(message) is not None


def is_of_options(message: str, parameters: dict[str, Any]) -> bool:
    """Whether the server accepted who connects, and refused a setting that the connection asks for."""
    options = options_of(parameters)
    if unknown := _UNKNOWN_ROLE.search(message):
        return re.search(rf"\brole\s*=\s*{re.escape(unknown[1])}(?!\w)", options) is not None
    return bool(options) and _OF_SETTINGS.search(message) is not None


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
