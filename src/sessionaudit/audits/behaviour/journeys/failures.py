"""Say what an error of the server means for a step: which rule, and what it stands on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.behaviour.journeys import rules
from sessionaudit.audits.behaviour.journeys.outcome import JourneyStepOutcome, StepFailure, StepState
from sessionaudit.core import sqlstate
from sessionaudit.postgres.acting import ForeignRoleError, UnknownRoleError
from sessionaudit.postgres.connection import told_of_reading
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    import psycopg

    from sessionaudit.audits.behaviour.journeys.grounds import Grounds
    from sessionaudit.audits.behaviour.journeys.statements import SentStatement
    from sessionaudit.contract.journeys import JourneyStep
    from sessionaudit.core.finding import Rule

_NAMES = frozenset((*sqlstate.UNDEFINED, sqlstate.INVALID_SCHEMA_NAME))
# Not about the statement: another session, a limit, the server.
_OF_THE_MOMENT = (
    *(sqlstate.TRANSACTION_ROLLBACK, sqlstate.INSUFFICIENT_RESOURCES, sqlstate.OPERATOR_INTERVENTION),
    *(sqlstate.LOCK_NOT_AVAILABLE, sqlstate.SYSTEM_ERROR, sqlstate.INTERNAL),
)
# What rows that are there already, or the triggers of the database, may do to a row that is given.
_OF_ROWS = (sqlstate.INTEGRITY_CONSTRAINT_VIOLATION, sqlstate.PLPGSQL_ERROR, sqlstate.TRIGGERED_DATA_CHANGE_VIOLATION)

HINT_OF_RIGHTS = "Connect as a role that may, or name one with “as”."


def failed(step: JourneyStep, failure: StepFailure) -> JourneyStepOutcome:
    """Return the outcome of a step that is not as expected."""
    return JourneyStepOutcome(step=step, state=StepState.FAILED, failure=failure)


def role_of_step(step: JourneyStep) -> str:
    """Return the role that sends it, in words."""
    return str(step.actor.role) if step.actor else "the role that connects"


def outcome_of_role(step: JourneyStep, error: Exception, user: str) -> JourneyStepOutcome:
    """Return the outcome of a step whose role could not be taken on; `user` is the role that connects.

    Raises the error where it is about the connection.
    """
    role = role_of_step(step)
    if isinstance(error, UnknownRoleError):
        message = f"Step {step.name} cannot be sent: the role {role} does not exist."
        return failed(step, StepFailure(rule=rules.UNKNOWN_ROLE, message=message, location=step.location))
    if isinstance(error, ForeignRoleError):
        hint = f"grant {quoted(role)} to {quoted(user)};"
        return JourneyStepOutcome(step=step, state=StepState.UNSEEN, reason=f"{user} is no member of {role}", hint=hint)
    raise error


def outcome_of_error(
    sent: SentStatement, error: psycopg.Error, grounds: Grounds, *, executed: bool = False
) -> JourneyStepOutcome:
    """Return the outcome of a step of which a statement failed."""
    step, state = sent.step, error.sqlstate or ""
    expected = step.expected.error if step.expected else None
    if not sent.of_claims and expected == state:
        return JourneyStepOutcome(step=step, state=StepState.MET)
    said = f"{told_of_reading(error)} ({state})"
    if state == sqlstate.INDETERMINATE_DATATYPE and not executed:
        hint = "Correct the step that gives it, or write its type, such as :session::uuid."
        return JourneyStepOutcome(
            step=step, state=StepState.UNSEEN, reason="the type of a value is not known", hint=hint
        )
    if state.startswith(_OF_THE_MOMENT):
        return JourneyStepOutcome(step=step, state=StepState.UNSEEN, reason=said)
    own = step.actor is None or sent.of_claims
    if own and state == sqlstate.INSUFFICIENT_PRIVILEGE:
        reason = f"the role that connects may not: {said}"
        return JourneyStepOutcome(step=step, state=StepState.UNSEEN, reason=reason, hint=HINT_OF_RIGHTS)
    if own and state in _NAMES and grounds.hidden:
        schema = quoted(grounds.contract.schema)
        hint = f"grant usage on schema {schema} to {quoted(grounds.hidden)};"
        return JourneyStepOutcome(
            step=step, state=StepState.UNSEEN, reason=f"{grounds.hidden} may not look into schema {schema}", hint=hint
        )
    if step.expected is None and state.startswith(_OF_ROWS):
        return JourneyStepOutcome(step=step, state=StepState.UNSEEN, reason=f"what is given cannot be made: {said}")
    return failed(step, failure_of(sent, error, grounds))


def failure_of(sent: SentStatement, error: psycopg.Error, grounds: Grounds) -> StepFailure:
    """Return the failure that an error means, which is not expected."""
    step, state = sent.step, error.sqlstate or ""
    expected = step.expected
    rule = _rule(step, state)
    said = f"{subject_of(sent)} fails: {told_of_reading(error)} ({state})."
    if rule in {rules.STEP_REFUSED, rules.RECURSIVE_POLICY} and expected is not None and expected.rows == 0:
        said += " Without the error it may have returned rows: that nothing comes back is no proof."
    position = int(error.diag.statement_position or 0)
    return StepFailure(
        rule=rule,
        message=said,
        location=sent.place(position),
        expected=expected.words if expected else None,
        actual=f"error {state}",
        state=state,
        stands_on=grounds.of_step(sent, error),
    )


def subject_of(sent: SentStatement) -> str:
    """Return the beginning of a sentence about a step, or about the query for the claims of its role."""
    step = sent.step
    what = f"Step {step.name}" if step.expected else f"What is given as {step.name}"
    if sent.of_claims:
        return f"The query for the claims of {what[0].lower()}{what[1:]}"
    return f"{what}, as {step.actor.role}," if step.actor else what


def _rule(step: JourneyStep, state: str) -> Rule:
    if state in _NAMES:
        return rules.UNKNOWN_NAME
    if state.startswith(sqlstate.DATA_EXCEPTION):
        return rules.IMPOSSIBLE_VALUE
    if state == sqlstate.INVALID_OBJECT_DEFINITION:
        return rules.RECURSIVE_POLICY
    if step.expected is not None and step.expected.error is not None:
        return rules.OTHER_ERROR
    return rules.STEP_REFUSED if state == sqlstate.INSUFFICIENT_PRIVILEGE else rules.STEP_REJECTED
