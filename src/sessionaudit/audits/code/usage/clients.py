"""Guess as which role each client of the code works, for the contract to state it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.code.roles import sent_as

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sessionaudit.audits.code.model import CodeClient, CodeRequest
    from sessionaudit.audits.code.verdict import CodeVerdict


def guessed(requests: Iterable[CodeRequest]) -> dict[str, str]:
    """Return roles by the names of clients, or of what makes them where a name stands for several.

    Whoever may be logged in or not is taken for logged in. Left out is what the code does not tell, or tells in two
    ways.
    """
    of = sent_as(())
    by_client = {one.client: of(one).roles for one in requests}
    names: dict[str, set[tuple[str, ...]]] = {}
    for client, roles in by_client.items():
        for name in _names(client):
            names.setdefault(name, set()).add(roles)
    found: dict[str, str] = {}
    for client, roles in by_client.items():
        fit = [name for name in _names(client) if len(names[name]) == 1]
        if roles and fit:
            found.setdefault(fit[0], roles[0])
    return dict(sorted(found.items()))


def unguessed(requests: Iterable[CodeRequest], found: Collection[str]) -> tuple[str, ...]:
    """Return the names of the clients of which no role is guessed."""
    return tuple(sorted({one.client.name for one in requests if not {*_names(one.client)} & {*found}} - {""}))


def proven(found: dict[str, str], without: Iterable[CodeVerdict], having: Iterable[CodeVerdict]) -> dict[str, str]:
    """Return the roles that change no verdict: `having` are those with all of them, `without` those with none."""
    before = {_key(one) for one in without}
    after = {_key(one) for one in having}
    others = [one for one in (*having, *without) if _key(one) in before ^ after]
    wrong = {name for one in others for name in _clients(one)}
    return {name: role for name, role in found.items() if name not in wrong}


def _key(one: CodeVerdict) -> tuple[object, ...]:
    return one.rule.code, one.at


def _clients(one: CodeVerdict) -> tuple[str, ...]:
    client = getattr(one.subject, "client", None)
    return _names(client) if client is not None else ()


def _names(client: CodeClient) -> tuple[str, ...]:
    """The names by which a contract can mean a client, the best one first."""
    return tuple(dict.fromkeys(name for name in (client.name, client.maker) if name))
