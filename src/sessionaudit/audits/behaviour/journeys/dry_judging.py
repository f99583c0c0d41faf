"""Judge a step by what the server said when it parsed and explained it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from sessionaudit.audits.behaviour.journeys import rules
from sessionaudit.audits.behaviour.journeys.failures import (
    failed,
    outcome_of_error,
    outcome_of_role,
    subject_of,
)
from sessionaudit.audits.behaviour.journeys.outcome import JourneyStepOutcome, StepFailure, StepState
from sessionaudit.core import sqlstate
from sessionaudit.core.place import where
from sessionaudit.postgres.acting import refusal_of
from sessionaudit.postgres.connection import told_of_reading

if TYPE_CHECKING:
    from sessionaudit.audits.behaviour.journeys.described_step import DescribedStep
    from sessionaudit.audits.behaviour.journeys.grounds import Grounds
    from sessionaudit.contract.journeys import ExpectedColumn

_BY_VALUE = "only executing tells: what earlier steps give decides it, and was null here"
_UNDECIDED = "only executing tells: a policy, a constraint or a trigger may decide it"


def judged_dry(one: DescribedStep, grounds: Grounds, user: str) -> JourneyStepOutcome:
    """Return what is known of a step that was not executed; `user` is the role that connects."""
    step = one.sent.step
    for sent, said in ((one.sent_claims, one.claims), (one.sent, one.known)):
        if sent is None or said is None:
            continue
        if said.refused_role is not None:
            return outcome_of_role(step, refusal_of(said.refused_role), user)
        if said.error is not None:
            if said.columns is not None and sent.numbered.parameters and not _of_parsing(said.error):
                return JourneyStepOutcome(step=step, state=StepState.UNDECIDED, reason=_BY_VALUE)
            return outcome_of_error(sent, said.error, grounds)
    if failure := impossible_value(one, grounds):
        return failed(step, failure)
    if step.expected is not None and step.expected.error is not None:
        return JourneyStepOutcome(step=step, state=StepState.UNDECIDED, reason=_UNDECIDED)
    return JourneyStepOutcome(step=step, state=StepState.ACCEPTED)


def _of_parsing(error: psycopg.Error) -> bool:
    """Whether an error is about names, types or rights, and not about a value."""
    return (error.sqlstate or "").startswith(sqlstate.SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION)


def impossible_value(one: DescribedStep, grounds: Grounds) -> StepFailure | None:
    """Return the failure of a step that expects a value which the type of its column does not have."""
    for column in one.sent.step.expected_columns:
        read = one.values.get((str(column.column), str(column.value)))
        if isinstance(read, psycopg.Error) and read.sqlstate != sqlstate.FEATURE_NOT_SUPPORTED:  # as of rows
            return _impossible(one, column, read, grounds)
    return None


def _impossible(one: DescribedStep, column: ExpectedColumn, error: psycopg.Error, grounds: Grounds) -> StepFailure:
    said = f"{told_of_reading(error)} ({error.sqlstate})"
    message = f"{subject_of(one.sent)} can never return {column.value} as {column.column}: {said}."
    return StepFailure(
        rule=rules.IMPOSSIBLE_VALUE,
        message=message,
        location=where(column.value) if column.value is not None else one.sent.step.location,
        expected=str(column.value),
        state=error.sqlstate or "",
        stands_on=grounds.of_step(one.sent, error),
    )
