"""Act as a role with the claims of a request, as PostgREST does, until the transaction or its savepoint is rolled back.

A request's claims are the JSON of `request.jwt.claims`, and one setting each, `request.jwt.claim.NAME`, as PostgREST
had them before version 9 and Supabase's functions still read them.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import psycopg

from sessionaudit.core import sqlstate
from sessionaudit.postgres.connection import role_of
from sessionaudit.sql.text import sent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sessionaudit.postgres.connection import Connection

_CLAIM = "request.jwt.claim."
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*\Z")  # what the server takes as the name of a setting
_USUAL = ("sub", "role", "email")  # which functions of Supabase read, and which a step must not have of another
# The role comes last: another one may not be allowed to set what stands before it.
STATEMENT = sent(
    "select pg_catalog.set_config('request.jwt.claims', $1, true),"
    " (select pg_catalog.count(pg_catalog.set_config(c.name, c.value, true))"
    " from rows from (pg_catalog.unnest($2::pg_catalog.text[]), pg_catalog.unnest($3::pg_catalog.text[]))"
    " as c (name, value)),"
    " pg_catalog.set_config('role', $4, true)"
)

ROLE_ALONE = sent("select pg_catalog.set_config('role', $1, true)")


class UnknownRoleError(Exception):
    """There is no such role."""


class ForeignRoleError(Exception):
    """The role that connects is no member of it; the message is the server's."""


class Acting(NamedTuple):
    """A role, and the claims of its request as the text of a JSON object, "" for none."""

    role: str
    claims: str = ""

    @classmethod
    def of(cls, role: str, stated: Mapping[str, Any]) -> Acting:
        """Return a role with claims, to which its own name is added, as PostgREST does also without a token."""
        return cls(role, json.dumps({"role": role, **stated}))

    def parameters(self, before: Iterable[str] = ()) -> list[bytes]:
        """Return the parameters of STATEMENT, which also empties the claims called so, which another one had."""
        values = {**dict.fromkeys((*_USUAL, *before), ""), **claims_of(self.claims)}
        names = [name for name in values if _NAME.match(name)]
        arrays = (_array([_CLAIM + name for name in names]), _array([values[name] for name in names]))
        return [sent(self.claims), *arrays, sent(self.role)]


def claims_of(text: str) -> dict[str, str]:
    """Return each claim of a JSON object as PostgREST wrote it: texts as they are, all else as JSON."""
    try:
        found: object = json.loads(text) if text else {}
    except ValueError:
        return {}
    claims = cast("dict[str, object]", found) if isinstance(found, dict) else {}
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in claims.items()
        if value is not None
    }


def as_connected(connection: Connection) -> Acting:
    """Return the role that transactions of a connection have, without claims."""
    return Acting(role_of(connection) or "none")


def act(connection: Connection, acting: Acting, before: Iterable[str] = ()) -> None:
    """Take on a role with its claims in the open transaction, without those called so, which it may have `before`.

    Raises UnknownRoleError, ForeignRoleError, and psycopg.Error for all else.
    """
    claims, names, values, role = acting.parameters(before)
    try:
        if not acting.claims and not before:  # else the setting, which nobody has made, would be an empty text
            connection.execute(_ROLE_ALONE_FOR_PSYCOPG, (acting.role,))
            return
        connection.execute(
            _FOR_PSYCOPG, [one.decode("utf-8", "surrogateescape") for one in (claims, names, values, role)]
        )
    except psycopg.Error as error:
        raise refusal_of(error) from None


def refusal_of(error: psycopg.Error) -> Exception:
    """Return what a failure of STATEMENT means."""
    if error.sqlstate == sqlstate.INVALID_PARAMETER_VALUE:
        return UnknownRoleError()
    if error.sqlstate == sqlstate.INSUFFICIENT_PRIVILEGE:
        return ForeignRoleError(error.diag.message_primary or "")
    return error


_ROLE_ALONE_FOR_PSYCOPG = "select pg_catalog.set_config('role', %s, true)"
_FOR_PSYCOPG = re.sub(rb"\$\d", b"%s", STATEMENT)


def _array(items: list[str]) -> bytes:
    """Spell an array of texts as the server reads it."""
    spelled = ('"' + one.replace("\\", "\\\\").replace('"', '\\"') + '"' for one in items)
    return sent("{" + ",".join(spelled) + "}")
