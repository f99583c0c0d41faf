"""Remove secrets from connection parameters, for messages."""

from __future__ import annotations

import contextlib
import os
import re
from typing import Any
from urllib.parse import quote, unquote

# What libpq itself does not show of its parameters.
_SECRET = ("password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key")


def public(url: str) -> tuple[str, bool]:
    """Remove the passwords from a URL or conninfo string; return it, and whether it had any."""
    from psycopg import ProgrammingError, conninfo  # noqa: PLC0415 - the command has loaded it by then

    try:
        found = dict(conninfo.conninfo_to_dict(url))
    except (ProgrammingError, UnicodeError):
        return "…", True
    bare = {name: value for name, value in found.items() if name not in _SECRET}
    if len(bare) == len(found):
        return url, False
    shorter = re.sub(r"\A(postgres(?:ql)?://[^:/@?#]*):[^/@]*@", r"\1@", url)
    with contextlib.suppress(ProgrammingError):
        if dict(conninfo.conninfo_to_dict(shorter)) == bare:
            return shorter, True
    return conninfo.make_conninfo("", **bare), True


def masked(message: str, parameters: dict[str, Any]) -> str:
    """Remove the password from a libpq message, in any spelling, and put the message on one line."""
    given = (*map(parameters.get, _SECRET), os.environ.get("PGPASSWORD"))
    secrets = {str(secret) for secret in given if secret}
    secrets |= {spelled for secret in secrets for spelled in (quote(secret, safe=""), quote(secret), unquote(secret))}
    for secret in sorted(secrets, key=len, reverse=True):
        message = message.replace(secret, "…")
    return " ".join(re.sub(r"(://[^:/@\s]*:)\S*@", r"\1…@", message).split())
