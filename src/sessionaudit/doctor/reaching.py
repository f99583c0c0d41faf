"""Connect step by step, and tell at which stage a connection fails.

libpq itself connects, so that what is told is what every command would meet. The stage is taken from the state in which
libpq waits, and not from messages, which the server may write in any language.
"""

from __future__ import annotations

import os
import re
import selectors
import socket
import time
from concurrent.futures import wait
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from psycopg import conninfo, pq

from sessionaudit.core.background import in_background
from sessionaudit.core.printed_commands import CALLING
from sessionaudit.core.visible import shell_line
from sessionaudit.doctor.diagnosis import ConnectionAttempt, ReachedStage, StageOutcome
from sessionaudit.postgres.connection import CONNECT_TIMEOUT, parameters_of
from sessionaudit.postgres.masking import masked, public
from sessionaudit.postgres.unreachable import hint_of, is_of_options, is_of_parameter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg.pq.abc import PGconn

# What libpq is doing in each state; the other ones come after the authentication.
_STAGES: dict[int, ReachedStage] = {
    pq.ConnStatus.NEEDED: ReachedStage.SOCKET,
    pq.ConnStatus.STARTED: ReachedStage.SOCKET,
    pq.ConnStatus.MADE: ReachedStage.TLS,
    pq.ConnStatus.SSL_STARTUP: ReachedStage.TLS,
    pq.ConnStatus.GSS_STARTUP: ReachedStage.TLS,
    pq.ConnStatus.AWAITING_RESPONSE: ReachedStage.AUTHENTICATION,
}
_READY = {int(pq.PollingStatus.READING): selectors.EVENT_READ, int(pq.PollingStatus.WRITING): selectors.EVENT_WRITE}
# A server that accepts who connects says at once what is wrong with the database: libpq reads both together, and its
# state does not tell them apart. In another language the message stands under the authentication.
_OF_DATABASE = re.compile(
    r'database "[^"]*" does not exist|permission denied for database|is not currently accepting connections'
    r"|too many connections|connection slots are reserved"
    r"|(?:session|server) is (?:not )?(?:read-only|in hot standby mode)"  # as target_session_attrs forbids
)
_PREFIX = re.compile(r'^connection to server (?:at|on) .*? failed: |^connection to server on socket "[^"]*" failed: ')
_SILENT = "the server accepted the connection, and then answered nothing"
_GRACE = 0.5  # seconds, in which what has ended is told
_MOST_ADDRESSES = 4


class _Connecting(Struct):
    """What is known of a connection that is being made, also if it hangs."""

    stage: ReachedStage = ReachedStage.ADDRESS
    host: str = ""
    port: str = ""
    addresses: list[str] = field(default_factory=list[str])
    encrypted: bool = False
    message: str = ""
    done: bool = False


def attempts(url: str | None) -> tuple[ConnectionAttempt, ...]:
    """Try each host of a URL until one is reached. Raises UsageError if the URL is not valid.

    Each takes as long as `connect_timeout` allows, or ten seconds.
    """
    parameters = parameters_of(url or os.environ.get("DATABASE_URL", ""))
    made: list[ConnectionAttempt] = []
    for one in _each(parameters):
        made.append(_attempt(one, parameters))
        if made[-1].reached:
            break
    return tuple(made)


def _each(parameters: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the parameters for each host: libpq would spend the time of all on the first one that hangs."""
    words = ("host", "hostaddr", "port")
    lists = {word: str(parameters[word]).split(",") for word in words if parameters.get(word)}
    number = max((len(lists[word]) for word in words[:2] if word in lists), default=1)
    for place in range(number):
        chosen = {word: one[place if len(one) > 1 else 0] for word, one in lists.items() if len(one) in {1, number}}
        yield {**parameters, **chosen}


def _attempt(parameters: dict[str, Any], whole: dict[str, Any]) -> ConnectionAttempt:
    seconds = _seconds(parameters)
    state = _Connecting()
    running = in_background(lambda: _connect(parameters, state, seconds))
    wait([running], timeout=seconds + _GRACE)
    if not running.done():
        state.message = state.message or "timeout expired"
    elif (failure := running.exception()) is not None:
        state.message = str(failure)
    message = "" if state.done else _told(state, whole)
    return ConnectionAttempt(
        host=state.host,
        port=state.port,
        stages=tuple(_stages(state)),
        message=message,
        hint=_hint(state, parameters) if message else "",
        commands=tuple(_commands(state, parameters)) if message else (),
    )


def _seconds(parameters: dict[str, Any]) -> float:
    """Return how long an attempt may take; 0 is no limit for libpq, and an hour here."""
    given = parameters.get("connect_timeout", os.environ.get("PGCONNECT_TIMEOUT"))
    try:
        return float(CONNECT_TIMEOUT if given is None else int(given) or 3600)
    except ValueError:
        return CONNECT_TIMEOUT


def _connect(parameters: dict[str, Any], state: _Connecting, seconds: float) -> None:
    """Connect, and write down how far it came. Closes the connection."""
    given = conninfo.make_conninfo("", **parameters).encode()
    named = [word for word in ("host", "hostaddr") if parameters.get(word)]
    state.host = str(parameters[named[-1]]) if named else os.environ.get("PGHOST", "")
    state.port = str(parameters.get("port") or os.environ.get("PGPORT", ""))
    state.stage = ReachedStage.NAME
    if state.host and not _is_directory(state.host) and "hostaddr" not in named:
        state.message = _resolved(state)
        if state.message:
            return
    connection: PGconn = pq.PGconn.connect_start(given)
    try:
        state.host = _text(connection.host) or state.host
        state.port = _text(connection.port) or state.port
        _poll(connection, state, parameters, seconds)
    finally:
        connection.finish()


def _resolved(state: _Connecting) -> str:
    """Resolve the name; return why it cannot be."""
    if "," in state.host:  # from the environment, where libpq tries them by itself
        return ""
    try:
        found = socket.getaddrinfo(state.host, state.port or None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, ValueError) as error:
        return f'could not translate host name "{state.host}" to address: {getattr(error, "strerror", "") or error}'
    state.addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    return ""


def _poll(connection: PGconn, state: _Connecting, parameters: dict[str, Any], seconds: float) -> None:
    end = time.monotonic() + seconds
    state.stage = ReachedStage.SOCKET
    polled = int(pq.PollingStatus.WRITING)  # as libpq asks for at first
    while connection.status != pq.ConnStatus.BAD:
        state.stage = max(state.stage, _STAGES.get(connection.status, ReachedStage.DATABASE))
        state.encrypted |= bool(connection.ssl_in_use)  # without TLS libpq may try once more
        if not _is_ready(connection.socket, _READY[polled], end):
            state.message = f"{_SILENT} for {seconds:g} s" if state.stage > ReachedStage.SOCKET else "timeout expired"
            return
        polled = int(connection.connect_poll())
        if polled == pq.PollingStatus.OK:
            state.done, state.encrypted = True, bool(connection.ssl_in_use)
            return
        if polled == pq.PollingStatus.FAILED:
            break
    state.message = connection.error_message.decode(errors="replace") or "the connection failed"
    if state.stage is ReachedStage.AUTHENTICATION and (
        _OF_DATABASE.search(state.message) or is_of_options(state.message, parameters)
    ):
        state.stage = ReachedStage.DATABASE
    elif state.stage is ReachedStage.SOCKET and is_of_parameter(state.message):
        state.stage = ReachedStage.ADDRESS


def _is_ready(number: int, event: int, end: float) -> bool:
    with selectors.DefaultSelector() as waiting:
        waiting.register(number, event)
        return bool(waiting.select(max(end - time.monotonic(), 0)))


def _is_directory(host: str) -> bool:
    return host.startswith(("/", "@"))


def _text(value: bytes | None) -> str:
    return (value or b"").decode(errors="replace")


def _told(state: _Connecting, parameters: dict[str, Any]) -> str:
    """Return the message without secrets, once where libpq tried both with TLS and without it.

    Lines that begin with a tab are advice of libpq, which a hint gives, too.
    """
    said = [line for line in state.message.splitlines() if not line.startswith("\t")]
    lines = dict.fromkeys(_PREFIX.sub("", line.strip()) for line in said)
    return masked(
        " ".join(line if line.endswith((".", "?", "!")) else f"{line}." for line in lines if line), parameters
    )


def _hint(state: _Connecting, parameters: dict[str, Any]) -> str:
    if state.message.startswith(_SILENT):
        return _HINT_OF_SILENCE
    return hint_of(state.message, parameters) or _HINTS[state.stage]


def _stages(state: _Connecting) -> Iterator[StageOutcome]:
    for stage in ReachedStage:
        done = True if state.done or stage < state.stage else False if stage is state.stage else None
        yield StageOutcome(stage=stage, done=done, said=_said(stage, state) if done else "")


def _said(stage: ReachedStage, state: _Connecting) -> str:
    if stage is ReachedStage.ADDRESS:
        return ", port ".join(part for part in (state.host or "local socket", state.port) if part)
    if stage is ReachedStage.NAME:
        shown = state.addresses[:_MOST_ADDRESSES]
        return ", ".join(shown) if shown else "not needed"
    if stage is ReachedStage.SOCKET:
        return "accepted"
    if stage is ReachedStage.TLS:
        return "in use" if state.encrypted else "not in use"
    return "accepted" if stage is ReachedStage.AUTHENTICATION else "open"


_HINT_OF_SILENCE = (
    "Is it PostgreSQL that listens there? A firewall or a proxy in between may keep the answer, or the server is "
    "overloaded."
)
_HINTS = {
    ReachedStage.ADDRESS: "Check the URL, PGSERVICE and ~/.pg_service.conf.",
    ReachedStage.NAME: "Check the host name in the URL.",
    ReachedStage.SOCKET: "Check host, port and firewall.",
    ReachedStage.TLS: "Check sslmode and sslrootcert, and that the server's certificate is for this name.",
    ReachedStage.AUTHENTICATION: "Check user, password and pg_hba.conf.",
    ReachedStage.DATABASE: "Check the name of the database, and that the role may connect to it.",
}


def _commands(state: _Connecting, parameters: dict[str, Any]) -> Iterator[str]:
    """Yield what to type next, to see the same without this program; without the password."""
    local = _is_directory(state.host) or not state.host
    if state.stage is ReachedStage.NAME:
        yield shell_line(["getent", "hosts", state.host])
    elif state.stage is ReachedStage.SOCKET:
        where = [*(["-h", state.host] if state.host else []), *(["-p", state.port] if state.port else [])]
        yield shell_line(["pg_isready", *where])
    elif state.stage is ReachedStage.TLS and not local:
        yield shell_line(["openssl", "s_client", "-starttls", "postgres", "-connect", f"{state.host}:{state.port}"])
    elif state.stage is ReachedStage.AUTHENTICATION:
        yield CALLING.psql("-W", "-c", "select 1")
    elif state.stage is ReachedStage.DATABASE:
        given = {name: value for name, value in parameters.items() if name not in _OWN}
        shown, _ = public(conninfo.make_conninfo("", **{**given, "dbname": "postgres"}))
        yield shell_line(["psql", shown, "-l"])


_OWN = ("application_name", "client_encoding", "connect_timeout")
