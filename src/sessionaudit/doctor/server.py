"""What a server and the way to it are like: TLS, pooler, version, encoding, time."""

from __future__ import annotations

import ipaddress
import statistics
import time
from typing import TYPE_CHECKING, Any

from sessionaudit.doctor.asking import one_row, reading
from sessionaudit.doctor.diagnosis import Symptom, Weight
from sessionaudit.doctor.pooling import PoolMode, pool_mode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.postgres.connection import Connection, Url

_TOPIC = "connection"
_SERVER = "server"
OLDEST, NEWEST = 13, 18  # major versions on which the program is tested
_ENDED = {13: "November 2025"}  # of the versions that we support, those that PostgreSQL does no longer, and since when
_ROUNDS = 5
_MILLISECOND = 0.001
_SLOW = 0.05  # seconds for a round trip
_SKEWED = 2.0  # seconds
_STALE = 60.0  # seconds
# Of whom a host is, by the end of its name; what is told of it.
_HOSTS = (
    (".pooler.supabase.com", "Supabase's pooler"),
    (".supabase.co", "Supabase"),
    (".rds.amazonaws.com", "Amazon RDS"),
    (".neon.tech", "Neon"),
    (".postgres.database.azure.com", "Azure"),
)
_WRITING = ("repair", "backfill", "undo")


def remarks(connection: Connection, url: Url, timeout: float) -> Iterator[Symptom]:
    """Yield what is to be said of the connection and of the server. Raises DatabaseError."""
    latency = _latency(connection)
    with reading(connection, timeout, "asking the server about itself"):
        facts = one_row(connection, "server.sql")
    mode = pool_mode(connection, url)
    yield _host(connection)
    yield _tls(connection, facts, mode)
    yield _pooler(mode)
    yield _round_trip(latency)
    yield _version(facts)
    yield _encoding(facts)
    yield _state(facts)
    yield _clock(connection)


def _latency(connection: Connection) -> float:
    """Return the median of some round trips, in seconds."""
    times: list[float] = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        connection.execute("select 1")
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def _host(connection: Connection) -> Symptom:
    host, port = connection.info.host or "", connection.info.port
    kind = _kind(host)
    fact = f"Connected to {kind}" if kind == "a local socket" else f"Connected to {host}, port {port}: {kind}"
    return Symptom(topic=_TOPIC, name="host", weight=Weight.FINE, fact=f"{fact}.")


def _kind(host: str) -> str:
    if not host or host.startswith(("/", "@")):
        return "a local socket"
    for end, whose in _HOSTS:
        if host.endswith(end):
            return f"a host of {whose}" if "pooler" not in end else whose
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "this machine" if host == "localhost" else "a host by its name"
    if address.is_loopback:
        return "this machine"
    return "an address of a private network" if address.is_private else "a public address"


def is_near(connection: Connection) -> bool:
    """Whether the connection does not leave this machine."""
    return _kind(connection.info.host or "") in {"a local socket", "this machine"}


def _tls(connection: Connection, facts: dict[str, Any], mode: PoolMode) -> Symptom:
    used = bool(connection.pgconn.ssl_in_use)
    if not used:
        if is_near(connection):
            fact = "The connection does not use TLS; it does not leave this machine."
            return Symptom(topic=_TOPIC, name="tls", weight=Weight.FINE, fact=fact)
        return Symptom(
            topic=_TOPIC,
            name="tls",
            weight=Weight.NOTE,
            fact="The connection does not use TLS.",
            consequence="Whoever is on the way can read what the commands read, and change it. Append "
            "sslmode=verify-full to the URL.",
        )
    # Behind a pooler the server tells of the pooler's connection.
    how = f" ({facts['tls']}, {facts['cipher']})" if mode is PoolMode.NONE and facts["tls"] else ""
    checked = _checked(connection)
    if checked or is_near(connection):
        proven = "; the server's certificate was checked" if checked else ""
        return Symptom(topic=_TOPIC, name="tls", weight=Weight.FINE, fact=f"The connection uses TLS{how}{proven}.")
    return Symptom(
        topic=_TOPIC,
        name="tls",
        weight=Weight.NOTE,
        fact=f"The connection uses TLS{how}, and does not check who the server is.",
        consequence="Another machine can take its place, and gets the password. Append sslmode=verify-full and "
        "sslrootcert=FILE (or sslrootcert=system) to the URL.",
    )


def _checked(connection: Connection) -> bool:
    """Whether libpq compared the server's certificate, by the mode that it had."""
    options = {one.keyword: one.val for one in connection.pgconn.info}
    return options.get(b"sslmode") in {b"verify-full", b"verify-ca"}


def _pooler(mode: PoolMode) -> Symptom:
    if mode is PoolMode.NONE:
        return Symptom(topic=_TOPIC, name="pooler", weight=Weight.FINE, fact="No pooler is in between.")
    if mode is PoolMode.SESSION:
        fact = "A pooler is in between, in session mode: it keeps one server process for this client."
        return Symptom(topic=_TOPIC, name="pooler", weight=Weight.FINE, fact=fact)
    told = "in transaction mode" if mode is PoolMode.TRANSACTION else "whose mode could not be told"
    return Symptom(
        topic=_TOPIC,
        name="pooler",
        weight=Weight.NOTE,
        fact=f"A pooler is in between, {told}.",
        consequence="Every command works, as each transaction has its own settings. In `repair --apply`, concurrent "
        "index builds run outside of transactions: they keep the server's statement_timeout, and --role is refused. "
        "For these, connect directly.",
    )


def _round_trip(seconds: float) -> Symptom:
    fact = f"A round trip takes {seconds / _MILLISECOND:.1f} ms (median of {_ROUNDS})."
    if seconds < _SLOW:
        return Symptom(topic=_TOPIC, name="latency", weight=Weight.FINE, fact=fact)
    return Symptom(
        topic=_TOPIC,
        name="latency",
        weight=Weight.NOTE,
        fact=fact,
        consequence="`check` needs few round trips; `repair --apply` and `backfill` need several for each step or "
        "batch. Run these nearer to the server.",
    )


def _version(facts: dict[str, Any]) -> Symptom:
    major, version = facts["number"] // 10_000, str(facts["version"]).split(" ")[0]
    if major > NEWEST:
        return Symptom(
            topic=_SERVER,
            name="version",
            weight=Weight.NOTE,
            fact=f"The server is PostgreSQL {version}; this program is tested up to {NEWEST}.",
            consequence="What is new in it is not looked at. Use a newer sessionaudit if there is one.",
        )
    if major in _ENDED:
        return Symptom(
            topic=_SERVER,
            name="version",
            weight=Weight.NOTE,
            fact=f"The server is PostgreSQL {version}, which has had no support since {_ENDED[major]}.",
            consequence="All commands work; the server gets no more corrections of faults.",
        )
    return Symptom(topic=_SERVER, name="version", weight=Weight.FINE, fact=f"The server is PostgreSQL {version}.")


def _encoding(facts: dict[str, Any]) -> Symptom:
    encoding = facts["encoding"]
    fact = f"The database is encoded in {encoding}."
    if encoding == "UTF8":
        return Symptom(topic=_SERVER, name="encoding", weight=Weight.FINE, fact=fact)
    consequence = (
        "Any bytes may be in a text: those that are no UTF-8 are shown as escapes."
        if encoding == "SQL_ASCII"
        else "A contract whose names have a character that it lacks is refused, as nothing here can be called so."
    )
    return Symptom(topic=_SERVER, name="encoding", weight=Weight.NOTE, fact=fact, consequence=consequence)


def _state(facts: dict[str, Any]) -> Symptom:
    if not facts["standby"]:
        return Symptom(topic=_SERVER, name="standby", weight=Weight.FINE, fact="The server is a primary.")
    behind = facts["behind"]
    late = f" Its last transaction is {behind:.0f} s old." if behind and behind > _STALE else ""
    return Symptom(
        topic=_SERVER,
        name="standby",
        weight=Weight.LACK,
        fact=f"The server is a standby, which is read-only.{late}",
        consequence="Nothing can be changed here, and expressions that differ in spelling cannot be compared: `check` "
        "reports them as uncertain. Connect to its primary.",
        needed_by=_WRITING,
    )


def _clock(connection: Connection) -> Symptom:
    before = time.time()
    row = connection.execute("select extract(epoch from pg_catalog.clock_timestamp())::float8").fetchone()
    after = time.time()
    difference = (row[0] if row else before) - (before + after) / 2
    # Half of the round trip is not known to be the way there or back.
    if abs(difference) - (after - before) / 2 < _SKEWED:
        fact = "The clocks of this machine and of the server agree."
        return Symptom(topic=_SERVER, name="clock", weight=Weight.FINE, fact=fact)
    ahead = "ahead of" if difference > 0 else "behind"
    return Symptom(
        topic=_SERVER,
        name="clock",
        weight=Weight.NOTE,
        fact=f"The server's clock is {abs(difference):.1f} s {ahead} that of this machine.",
        consequence="“older_than” and “since” go by the server's clock, and the dates of waivers and the times in logs "
        "and journals by this machine's. Correct the one that is wrong.",
    )
