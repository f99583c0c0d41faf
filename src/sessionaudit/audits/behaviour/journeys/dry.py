"""Examine journeys without executing them: each statement is parsed and explained as its role, read-only.

Missing names, values that a type lacks, refusals for want of a privilege, and policies that refer to each other are
found so. What a policy lets through, and what constraints and triggers do, only executing tells. To explain a
statement, PostgreSQL may evaluate functions that are declared IMMUTABLE or STABLE; the transaction keeps them from
writing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from msgspec.structs import replace

from sessionaudit.audits.behaviour.journeys.described_step import Described, DescribedStep
from sessionaudit.audits.behaviour.journeys.dry_judging import judged_dry
from sessionaudit.audits.behaviour.journeys.outcome import JourneyOutcome
from sessionaudit.audits.behaviour.journeys.statements import prove, statements_of
from sessionaudit.audits.behaviour.journeys.transaction import journey_transaction, look_in, path_of
from sessionaudit.core.node import nearest
from sessionaudit.core.place import place, where
from sessionaudit.errors import ContractError
from sessionaudit.postgres.acting import Acting, as_connected
from sessionaudit.postgres.connection import broken, user
from sessionaudit.postgres.described import (
    AskedStatement,
    describe_all,
    read_values,
    untyped_parameter,
)
from sessionaudit.sql.parameters import is_parameter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sessionaudit.audits.behaviour.journeys.grounds import Grounds
    from sessionaudit.audits.behaviour.journeys.outcome import JourneyStepOutcome
    from sessionaudit.audits.behaviour.journeys.statements import SentStatement
    from sessionaudit.contract.journeys import Journey, JourneyStep
    from sessionaudit.core.node import Scalar
    from sessionaudit.postgres.connection import Connection
    from sessionaudit.postgres.described import ReturnedColumn
    from sessionaudit.sql.parameters import NamedParameter

_MOST_ROUNDS = 20
_LOOKS = """
select pg_catalog.has_schema_privilege(n.oid, 'usage') from pg_catalog.pg_namespace n where n.nspname = %s"""


def examine_dry(
    connection: Connection, grounds: Grounds, journeys: Sequence[Journey], *, timeout: float
) -> list[JourneyOutcome]:
    """Return what is known of journeys without executing them. Raises ContractError and DatabaseError."""
    described = described_steps(connection, grounds.contract.schema, journeys, timeout=timeout)
    who, grounds = user(connection), seen_from(connection, grounds)

    def judged(journey: Journey, steps: Sequence[JourneyStep]) -> tuple[JourneyStepOutcome, ...]:
        return tuple(judged_dry(described[journey.name, step.name], grounds, who) for step in steps)

    return [
        JourneyOutcome(journey=journey, given=judged(journey, journey.given), steps=judged(journey, journey.steps))
        for journey in journeys
    ]


def seen_from(connection: Connection, grounds: Grounds) -> Grounds:
    """Return the grounds, with the role that connects where it may not look into the schema. Raises psycopg.Error."""
    row = connection.execute(_LOOKS, (grounds.contract.schema,)).fetchone()
    return grounds if row is None or row[0] else replace(grounds, hidden=user(connection))


def described_steps(connection: Connection, schema: str, journeys: Sequence[Journey], *, timeout: float) -> Described:
    """Return what the server says of each step, by the names of its journey and its own.

    Raises ContractError where a step is wrong whatever the database, and DatabaseError.
    """
    statements = tuple(statements_of(journeys))
    try:
        with journey_transaction(connection, schema, timeout=timeout):
            # For a role without rights on the schemas pg_temp would be the first, and to look for the current one
            # would make it, which needs a right.
            look_in(connection, f"pg_catalog, {path_of(schema)}")
            prove(connection, statements)
            look_in(connection, path_of(schema))
            found = _described(connection, statements)
            for one in found.values():
                _require_given(one, found)
            _read_expected(connection, found.values())
    except psycopg.Error as error:
        raise broken(error, "explaining the journeys") from None
    return found


def _described(connection: Connection, statements: Sequence[SentStatement]) -> Described:
    found: Described = {}
    for one in statements:
        if not one.of_claims:
            found[one.journey.name, one.step.name] = DescribedStep(one, _asked(one, _dry_acting(connection, one.step)))
    of_claims: list[DescribedStep] = []
    for one in statements:
        if one.of_claims:
            found[one.journey.name, one.step.name].sent_claims = one
            of_claims.append(DescribedStep(one, _asked(one, as_connected(connection))))
    waiting = [*found.values(), *of_claims]
    for _ in range(_MOST_ROUNDS):  # the type of a value may be known only when that of an earlier one is
        for step, said in zip(waiting, describe_all(connection, [each.asked for each in waiting]), strict=True):
            step.described = said
        untyped = [step for step in waiting if untyped_parameter(step.known) is not None]
        if not sum(_typed(step, found) for step in untyped):
            break
        waiting = untyped
    for step in of_claims:
        holder = found[step.sent.journey.name, step.sent.step.name]
        holder.claims, holder.claims_types = step.described, step.asked.types
    return found


def _asked(one: SentStatement, acting: Acting) -> AskedStatement:
    return AskedStatement(text=one.numbered.text, acting=acting, types=[0] * len(one.numbered.parameters))


def _dry_acting(connection: Connection, step: JourneyStep) -> Acting:
    """The role of a step with the claims that are known without executing anything."""
    if step.actor is None:
        return as_connected(connection)
    stated = {name: str(value) for name, value in step.actor.stated if not is_parameter(value)}
    return Acting.of(str(step.actor.role), stated)


def _typed(one: DescribedStep, found: Described) -> bool:
    """Whether a parameter has got the type of its value, for it stands where none is asked for."""
    number = untyped_parameter(one.known)
    if number is None or number > len(one.asked.types) or one.asked.types[number - 1]:
        return False
    column = given_column(one.sent, one.sent.numbered.parameters[number - 1], found)
    if column is None:
        return False
    one.asked.types[number - 1] = column.type
    return True


def given_column(sent: SentStatement, parameter: NamedParameter, found: Described) -> ReturnedColumn | None:
    """Return the column that a parameter stands for; None while what gives it is not known.

    Raises ContractError where it gives no such column.
    """
    giver = sent.journey.giver(parameter.name)
    described = found[sent.journey.name, giver.name].described
    columns = described.columns if described else None
    if columns is None:
        return None
    names = [column.name for column in columns]
    at = place(sent.source, parameter.start)
    if not parameter.column:
        if len(columns) == 1:
            return columns[0]
        hint = f"Name one: {', '.join(f':{parameter.name}.{name}' for name in names)}." if names else ""
        raise ContractError(f"{giver.name} gives {len(names)} columns", location=at, hint=hint)
    if parameter.column not in names:
        hint = nearest(parameter.column, names)
        raise ContractError(f"{giver.name} gives no column “{parameter.column}”", location=at, hint=hint)
    return columns[names.index(parameter.column)]


def _require_given(one: DescribedStep, found: Described) -> None:
    """Refuse a step that gives nothing, or uses a column that no step gives. Raises ContractError."""
    columns, step = one.known.columns, one.sent.step
    if step.gives and columns is not None and not columns:
        hint = "Add RETURNING, such as: returning id."
        raise ContractError(
            f"{step.name} is to give “{step.gives}”, and returns nothing", location=one.sent.place(0), hint=hint
        )
    for sent in (one.sent, *((one.sent_claims,) if one.sent_claims else ())):
        for parameter in sent.numbered.parameters:
            given_column(sent, parameter, found)
    for column in step.expected_columns:
        names = [returned.name for returned in columns or ()]
        if columns is not None and column.column not in names:
            hint = nearest(column.column, names) or "Add RETURNING, with this column."
            raise ContractError(
                f"{step.name} returns no column “{column.column}”", location=where(column.column), hint=hint
            )


def _read_expected(connection: Connection, described: Iterable[DescribedStep]) -> None:
    """Have the server read the expected values as the types of their columns."""
    asked: list[tuple[DescribedStep, Scalar, Scalar, int]] = []
    for one in described:
        types = {column.name: column.type for column in one.known.columns or ()}
        asked += [
            (one, column.column, column.value, types[column.column])
            for column in one.sent.step.expected_columns
            if column.value is not None and column.column in types
        ]
    for (one, column, value, _), said in zip(
        asked, read_values(connection, [(str(value), oid) for *_, value, oid in asked]), strict=True
    ):
        one.values[str(column), str(value)] = said
