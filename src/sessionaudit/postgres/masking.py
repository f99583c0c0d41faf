"""Remove secrets from connection parameters, for messages."""

from __future__ import annotations

import contextlib
import re

_SECRET = ("password", "sslpassword")


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
