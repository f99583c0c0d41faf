"""Tell as which roles a request may be sent: by what the contract says of its client, or by the name of its key."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sessionaudit.audits.code.model import CodeClient, CodeRequest

_SERVER = "service_role"
# Until somebody logs in, and after that.
_USERS = ("authenticated", "anon")
_OF_SERVERS = ("service_role", "service_key", "servicerole", "secret_key", "secretkey")
_OF_USERS = ("anon", "publishable")


class SentAs(NamedTuple):
    """The roles that a request may be sent as, and whether the contract says so."""

    roles: tuple[str, ...] = ()
    stated: bool = False


def sent_as(clients: Iterable[tuple[str, str]]) -> Callable[[CodeRequest], SentAs]:
    """Return what tells it of a request; `clients` has the role of each client that the contract names."""
    stated = dict(clients)

    def of(request: CodeRequest) -> SentAs:
        client = request.client
        if role := stated.get(client.name) or stated.get(client.maker):
            return SentAs((role,), stated=True)
        return _guessed(client)

    return of


def _guessed(client: CodeClient) -> SentAs:
    key = client.key.lower()
    if any(word in key for word in _OF_SERVERS):
        return SentAs((_SERVER,)) if not any(word in key for word in _OF_USERS) else SentAs()
    return SentAs(_USERS) if any(word in key for word in _OF_USERS) else SentAs()
