"""Tell as which role a client's requests run: as the contract says, else by the name of its key."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sessionaudit.audits.code.model import CodeRequest

# The keys of Supabase: one for the server, which row security does not bind, and one for whoever is logged in.
_OF_SERVERS = re.compile(r"service_?role|secret_?key|sb_secret|admin", re.IGNORECASE)
_OF_USERS = re.compile(r"anon|publishable", re.IGNORECASE)


def roles(said: Sequence[tuple[str, str]]) -> Callable[[CodeRequest], str]:
    """Return what tells the role of a request, "" if that is not known. `said` are clients with their roles."""

    def role_of(request: CodeRequest) -> str:
        client = request.client
        names = {client.name, client.name.rpartition(".")[2], client.maker}
        for glob, role in said:
            if any(fnmatchcase(name, glob) for name in names if name):
                return role
        if _OF_SERVERS.search(client.key or f"{client.name} {client.maker}"):
            return "service_role"
        return "authenticated" if _OF_USERS.search(client.key) else ""

    return role_of
