"""Tell as which roles a client's requests may run: as the contract says, else by the name of its key."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sessionaudit.audits.code.model import CodeRequest

# The keys of Supabase: one for the server, which row security does not bind, and one for users.
_OF_SERVERS = re.compile(r"service_?(role|key)|secret_?key|sb_secret|admin", re.IGNORECASE)
_OF_USERS = re.compile(r"anon|publishable", re.IGNORECASE)
# Whoever is logged in, and whoever is not yet: the code does not tell which of them sends a request.
_USERS = ("authenticated", "anon")


class SentAs(NamedTuple):
    """The roles that a request may be sent as, none if that is not known; and whether the contract says so."""

    roles: tuple[str, ...] = ()
    stated: bool = False


def sent_as(said: Sequence[tuple[str, str]]) -> Callable[[CodeRequest], SentAs]:
    """Return what tells the roles of a request. `said` are clients with their roles."""

    def of(request: CodeRequest) -> SentAs:
        client = request.client
        names = {client.name, client.name.rpartition(".")[2], client.maker}
        for glob, role in said:
            if any(fnmatchcase(name, glob) for name in names if name):
                return SentAs((role,), stated=True)
        of_users = bool(_OF_USERS.search(client.key))
        if _OF_SERVERS.search(client.key or f"{client.name} {client.maker}"):
            return SentAs() if of_users else SentAs(("service_role",))
        return SentAs(_USERS) if of_users else SentAs()

    return of
