"""Have the server check the bodies of functions once more, when all is there that they may name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from msgspec.structs import replace
from psycopg import sql

from sessionaudit.core.kind import beside
from sessionaudit.core.query import constant
from sessionaudit.lint.finding_of import of_object
from sessionaudit.postgres.masking import masked
from sessionaudit.rulebook import REFUSED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.finding import Finding
    from sessionaudit.lint.stating import StatedContract
    from sessionaudit.postgres.connection import Connection

_VALIDATORS = constant(beside(__file__, "bodies.sql"))


def refused(connection: Connection, stated: StatedContract) -> Iterator[Finding]:
    """Yield what the language of a function says of its body. The repair makes functions without having them checked.

    Nothing is run: the body is parsed, and what is SQL is analysed.
    """
    connection.execute("set check_function_bodies = on")
    for kind, ref, entry in stated.objects():
        if not ref.path[-1].startswith("("):
            continue
        row = connection.execute(_VALIDATORS, {"signature": ref.dotted}).fetchone()
        if row is None:
            continue
        validator, oid = row
        call = sql.SQL("select {}({}::pg_catalog.oid)").format(sql.SQL(validator), sql.Literal(oid))
        try:
            with connection.transaction():
                connection.execute(call)
        except psycopg.Error as error:
            # Of a server without rows: what a message quotes is from the contract.
            reason = masked(error.diag.message_primary or str(error), {})
            said = f"PostgreSQL rejects the body of the {ref} as the contract states it: {reason}."
            found = of_object(REFUSED, ref, entry, said, expected=kind.show(entry.value))
            yield replace(found, state=error.sqlstate or "")
