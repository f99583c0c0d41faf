"""Execute journeys: each in a transaction of its own, with a savepoint for each step, that is always rolled back.

A step that is not as expected is rolled back alone, so that those after it find what the contract says; those that need
its value are not looked at. In the end the deferred constraints are checked, as COMMIT would.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from msgspec import Struct, field

from sessionaudit.audits.behaviour.journeys import rules
from sessionaudit.audits.behaviour.journeys.dry import described_steps, seen_from
from sessionaudit.audits.behaviour.journeys.executed_judging import judged_executed
from sessionaudit.audits.behaviour.journeys.failures import outcome_of_error, outcome_of_role
from sessionaudit.audits.behaviour.journeys.outcome import (
    JourneyOutcome,
    JourneyStepOutcome,
    StepFailure,
    StepState,
)
from sessionaudit.audits.behaviour.journeys.transaction import journey_transaction, settle
from sessionaudit.core.underway import UNDERWAY
from sessionaudit.errors import ContractError
from sessionaudit.postgres.acting import Acting, ForeignRoleError, UnknownRoleError, act, as_connected, claims_of
from sessionaudit.postgres.connection import MARK, broken, told_of_reading, user
from sessionaudit.postgres.executed import ExecutedStatement, execute_statement
from sessionaudit.sql.parameters import is_parameter, numbered_statement
from sessionaudit.sql.text import sent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.audits.behaviour.journeys.described_step import Described, DescribedStep
    from sessionaudit.audits.behaviour.journeys.grounds import Grounds
    from sessionaudit.audits.behaviour.journeys.statements import SentStatement
    from sessionaudit.contract.journeys import Journey, JourneyStep
    from sessionaudit.postgres.connection import Connection
    from sessionaudit.sql.parameters import NamedParameter

_SAVEPOINT = sent("savepoint sessionaudit_step")
_KEEP = sent("release savepoint sessionaudit_step")
_BACK = sent("rollback to savepoint sessionaudit_step")
_COMPARING, _COMPARED = "savepoint sessionaudit_compared", "rollback to savepoint sessionaudit_compared"
_JSON = 114  # pg_type.oid
_AT_COMMIT = sent("set constraints all immediate")
_STILL = sent("select pg_catalog.current_setting('sessionaudit.transaction', true), pg_catalog.current_setting('role')")
GivenRow = dict[str, str | None]


class _UntakenError(Exception):
    """A step that cannot be sent; `outcome` says why."""

    def __init__(self, outcome: JourneyStepOutcome) -> None:
        super().__init__(outcome)
        self.outcome = outcome


def execute_journeys(
    connection: Connection, grounds: Grounds, journeys: Sequence[Journey], *, timeout: float
) -> list[JourneyOutcome]:
    """Execute journeys and roll them back; `timeout` is that of each statement, in seconds.

    Raises ContractError where a step is wrong whatever the database, and DatabaseError.
    """
    schema = grounds.contract.schema
    described = described_steps(connection, schema, journeys, timeout=timeout)
    grounds = seen_from(connection, grounds)
    found: list[JourneyOutcome] = []
    with UNDERWAY.doing("executing journeys", len(journeys)) as executing:
        for journey in executing.over(journeys):
            try:
                with journey_transaction(connection, schema, timeout=timeout, write=True):
                    found.append(_Execution(connection, grounds, journey, described, timeout).run())
            except psycopg.Error as error:
                raise broken(error, f"executing the journey {journey.name}") from None
    return found


class _Execution(Struct):
    """One journey in its transaction: the rows that its steps have given, and the claims that were set."""

    connection: Connection
    grounds: Grounds
    journey: Journey
    described: Described
    timeout: float
    rows: dict[str, GivenRow] = field(default_factory=dict[str, GivenRow])
    claims: set[str] = field(default_factory=set[str])

    def run(self) -> JourneyOutcome:
        """Execute all steps. Raises psycopg.Error if the connection fails, and ContractError."""
        given = tuple(self._step(step) for step in self.journey.given)
        steps = tuple(self._step(step) for step in self.journey.steps)
        return JourneyOutcome(journey=self.journey, given=given, steps=steps, end=self._end())

    def _step(self, step: JourneyStep) -> JourneyStepOutcome:
        described = self.described[self.journey.name, step.name]
        self.connection.execute(_SAVEPOINT)
        try:
            outcome, done = self._sent(described)
        except _UntakenError as untaken:
            outcome, done = untaken.outcome, None
        if outcome.state is not StepState.MET or done is None or done.error is not None:
            self.connection.execute(_BACK)
            return outcome
        self.connection.execute(_KEEP)
        if step.gives and done.rows:
            self.rows[step.gives] = dict(zip(done.columns, done.rows[0], strict=True))
        return outcome

    def _sent(self, one: DescribedStep) -> tuple[JourneyStepOutcome, ExecutedStatement]:
        step = one.sent.step
        settle(self.connection, self.grounds.contract.schema, timeout=self.timeout)
        acting = self._acting(one)
        values = [self._value(step, parameter) for parameter in one.sent.numbered.parameters]
        self._act(step, acting)
        text, types = one.sent.numbered.text, one.asked.types
        most = len(step.expected_rows)
        done = execute_statement(self.connection, text, values, types, most=most)
        if done.error is not None:
            return outcome_of_error(one.sent, done.error, self.grounds, executed=True), done
        self._require_ours(one.sent, acting)
        return judged_executed(one, done, self.grounds, self._equal), done

    def _equal(self, type_: int, found: str, expected: str) -> bool:
        """Ask the server; a type without an operator for it has no equal values."""
        compared = "$1::pg_catalog.jsonb = $2::pg_catalog.jsonb" if type_ == _JSON else "$1 = $2"
        self.connection.execute(_COMPARING)
        done = execute_statement(self.connection, f"select {compared}", [found, expected], [type_, type_])
        self.connection.execute(_COMPARED)
        return done.rows is not None and done.rows[:1] == (("t",),)

    def _require_ours(self, sent_: SentStatement, acting: Acting) -> None:
        """Refuse a step whose functions have ended the transaction or taken on another role. Raises ContractError."""
        row = self.connection.execute(_STILL).fetchone()
        if row != (MARK, acting.role):
            self.connection.close()
            told = "this ended its transaction" if row is None or row[0] != MARK else "this took on another role"
            raise ContractError(f"{told}; the journeys were not executed any further", location=sent_.place(0))

    def _acting(self, one: DescribedStep) -> Acting:
        """The role of a step with its claims, for which a query may have to be run."""
        step = one.sent.step
        if step.actor is None:
            return as_connected(self.connection)
        stated = {name: self._stated(step, value) for name, value in step.actor.stated}
        if one.sent_claims is None:
            return Acting.of(str(step.actor.role), stated)
        asked = one.sent_claims
        values = [self._value(step, parameter) for parameter in asked.numbered.parameters]
        self._act(step, as_connected(self.connection))
        done = execute_statement(self.connection, f"select ({asked.numbered.text}\n)::text", values, one.claims_types)
        if done.error is not None:
            raise _UntakenError(outcome_of_error(asked, done.error, self.grounds, executed=True))
        said = done.rows[0][0] if done.rows else None
        if said is None:
            reason = f"the query for its claims finds no user for the role {step.actor.role}"
            raise _UntakenError(JourneyStepOutcome(step=step, state=StepState.UNSEEN, reason=reason))
        return Acting(str(step.actor.role), said)

    def _stated(self, step: JourneyStep, value: str) -> str | None:
        if not is_parameter(value):
            return value
        return self._value(step, numbered_statement(value).parameters[0])

    def _act(self, step: JourneyStep, acting: Acting) -> None:
        try:
            act(self.connection, acting, self.claims)
        except (UnknownRoleError, ForeignRoleError) as error:
            raise _UntakenError(outcome_of_role(step, error, user(self.connection))) from None
        self.claims |= claims_of(acting.claims).keys()

    def _value(self, step: JourneyStep, parameter: NamedParameter) -> str | None:
        row = self.rows.get(parameter.name)
        if row is None:
            giver = self.journey.giver(parameter.name).name
            reason = f"it needs :{parameter.name}, which {giver} has not given"
            raise _UntakenError(JourneyStepOutcome(step=step, state=StepState.UNSEEN, reason=reason))
        return row[parameter.column] if parameter.column else next(iter(row.values()))

    def _end(self) -> StepFailure | None:
        """Check what is deferred to COMMIT."""
        act(self.connection, as_connected(self.connection), self.claims)
        try:
            self.connection.execute(_AT_COMMIT)
        except psycopg.Error as error:
            if self.connection.broken:
                raise
            said = f"{told_of_reading(error)} ({error.sqlstate})"
            return StepFailure(
                rule=rules.FAILS_AT_COMMIT,
                message=f"COMMIT would fail: {said}. What was done before is rolled back then.",
                location=self.journey.location,
                actual=f"error {error.sqlstate}",
                state=error.sqlstate or "",
                stands_on=self.grounds.of_error(error),
            )
        return None
