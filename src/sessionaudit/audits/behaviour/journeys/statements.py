"""Collect the statements of journeys, and have the server refuse what is no statement that reads or changes rows.

The server parses each alone, after PREPARE, where its grammar takes SELECT, INSERT, UPDATE, DELETE, MERGE and VALUES
and nothing else: so no step can set a role, end the transaction, run a block of code, or copy from a program.
Functions of PostgreSQL and of extensions that do such things (`set_config`, `dblink`) are refused too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.core.place import place
from sessionaudit.core.query import Part, Sort
from sessionaudit.errors import ContractError
from sessionaudit.postgres import effects
from sessionaudit.postgres.contract_sql import read_alone
from sessionaudit.sql.parameters import numbered_statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sessionaudit.contract.journeys import Journey, JourneyStep
    from sessionaudit.core.finding import Location
    from sessionaudit.core.node import Scalar
    from sessionaudit.postgres.connection import Connection
    from sessionaudit.sql.parameters import NumberedStatement

_HINT = "A function of the database may do it, and a step may call that."


class SentStatement(Struct, frozen=True, kw_only=True):
    """A statement of a step, or the query for the claims of its role: the contract's text, and the numbered one."""

    journey: Journey
    step: JourneyStep
    source: Scalar
    numbered: NumberedStatement
    of_claims: bool = False

    def place(self, position: int) -> Location:
        """Return where in the contract a position from 1 of the numbered text is."""
        return place(self.source, self.numbered.offset(position) if position else 0)


def statements_of(journeys: Iterable[Journey]) -> Iterator[SentStatement]:
    """Return the statements of all steps in their order, the claims of each before what is sent with them."""
    for journey in journeys:
        for step in (*journey.given, *journey.steps):
            if step.actor is not None and (claims := step.actor.claims) is not None:
                asked = numbered_statement(claims)
                yield SentStatement(journey=journey, step=step, source=claims, numbered=asked, of_claims=True)
            yield SentStatement(journey=journey, step=step, source=step.sql, numbered=step.statement)


def prove(connection: Connection, statements: Sequence[SentStatement]) -> None:
    """Have the server parse each alone, without running it. Raises ContractError and psycopg.Error.

    The transaction must be open; an error aborts it.
    """
    sides = [("create view v as " if one.of_claims else "prepare p as ", one.numbered.text, "\n") for one in statements]
    if nul := next((one for one in statements if "\0" in one.source), None):
        raise ContractError("SQL cannot contain a NUL character", location=nul.place(0))
    for one, refusal in zip(statements, read_alone(connection, sides), strict=True):
        if refusal is not None:
            what = "a query" if one.of_claims else "one statement that reads or changes rows"
            raise ContractError(f"this is not {what}: {refusal.said}", location=one.place(refusal.offset + 1))
    _refuse_effects(connection, [one for one in statements if one.of_claims], writing=False)
    _refuse_effects(connection, [one for one in statements if not one.of_claims], writing=True)


def _refuse_effects(connection: Connection, statements: Sequence[SentStatement], *, writing: bool) -> None:
    sources = {id(one.source): one.source for one in statements}
    parts = [Part(Sort.STATEMENT, source) for source in sources.values()]
    for part, offset, told in effects.found(connection, parts, writing=writing):
        raise ContractError(told, location=place(sources[id(part.text)], offset), hint=_HINT)
