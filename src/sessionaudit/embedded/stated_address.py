"""The address of a private server, complete: what the user's environment says of other servers does not count there.

libpq takes each parameter that an address does not state from the service that PGSERVICE names, and from a variable:
PGSSLMODE=require, PGHOSTADDR or PGOPTIONS, which are for the user's own server, would keep a private one from being
reached, or change what it does.
"""

from __future__ import annotations

from urllib.parse import quote

_STATED = {
    "hostaddr": "",
    "passfile": "",
    "connect_timeout": "60",
    "client_encoding": "utf8",
    "sslmode": "disable",
    "sslnegotiation": "postgres",
    "gssencmode": "disable",
    "channel_binding": "disable",
    "require_auth": "none,scram-sha-256",
    "requirepeer": "",
    "min_protocol_version": "3.0",
    "max_protocol_version": "3.0",
    "ssl_min_protocol_version": "",
    "ssl_max_protocol_version": "",
    "target_session_attrs": "any",
    "load_balance_hosts": "disable",
}


def variables_of_libpq() -> frozenset[str]:
    """Return the names of the environment variables from which libpq takes what an address does not state."""
    from psycopg import pq  # noqa: PLC0415 - as below

    named = (one.envvar.decode() for one in pq.Conninfo.get_defaults() if one.envvar)
    return frozenset({*named, "PGSERVICEFILE"})


def stated_address(url: str, options: str = "") -> str:
    """Return the URL of a server with all that libpq would take from elsewhere; `options` are settings to ask for."""
    from psycopg import pq  # noqa: PLC0415 - who asks for an address connects to it

    known = {one.keyword.decode() for one in pq.Conninfo.get_defaults()}  # an older libpq rejects what it does not know
    stated = {name: value for name, value in {**_STATED, "options": options}.items() if name in known}
    words = "&".join(f"{name}={quote(value, safe='')}" for name, value in stated.items())
    return f"{url}{'&' if '?' in url else '?'}{words}"
