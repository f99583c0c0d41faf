"""Judge a step by what came of executing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.behaviour.journeys import rules
from sessionaudit.audits.behaviour.journeys.dry_judging import impossible_value
from sessionaudit.audits.behaviour.journeys.failures import failed, subject_of
from sessionaudit.audits.behaviour.journeys.outcome import JourneyStepOutcome, StepFailure, StepState
from sessionaudit.core.counting import counted
from sessionaudit.core.place import where

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessionaudit.audits.behaviour.journeys.described_step import DescribedStep
    from sessionaudit.audits.behaviour.journeys.grounds import Grounds
    from sessionaudit.contract.journeys import ExpectedColumn
    from sessionaudit.core.finding import Rule
    from sessionaudit.postgres.executed import ExecutedStatement

_LONGEST = 60  # characters of a value that is shown
_HIDDEN = "no error tells of it: row security hides rows from a read, and lets a write change nothing"


def judged_executed(
    one: DescribedStep, done: ExecutedStatement, grounds: Grounds, equal: Callable[[int, str, str], bool]
) -> JourneyStepOutcome:
    """Return the outcome of a step that was executed without an error.

    `equal` asks the server whether two texts are equal as values of a type, an OID.
    """
    step = one.sent.step
    expected = step.expected
    if expected is None:
        if done.rows is not None and not done.count:
            reason = f"what is given as {step.name} made no row"
            return JourneyStepOutcome(step=step, state=StepState.UNSEEN, reason=reason)
        return JourneyStepOutcome(step=step, state=StepState.MET)
    failure = None
    if expected.error is not None:
        failure = _not_refused(one, done, grounds)
    else:
        wanted = len(expected.values) if expected.values is not None else expected.rows
        if wanted is not None and done.count != wanted:
            failure = _other_number(one, done, wanted, grounds)
        elif expected.values is not None:
            failure = impossible_value(one, grounds) or _other_values(one, done, grounds, equal)
    return failed(step, failure) if failure else JourneyStepOutcome(step=step, state=StepState.MET)


def _not_refused(one: DescribedStep, done: ExecutedStatement, grounds: Grounds) -> StepFailure:
    deed = "returns" if done.rows is not None else "changes"
    told = f"{subject_of(one.sent)} is not refused: it {deed} {_rows(done.count)}."
    if not done.count:
        told += " If that is right, expect “no rows”."
    return _failure(one, rules.NOT_REFUSED, told, _rows(done.count), grounds)


def _other_number(one: DescribedStep, done: ExecutedStatement, wanted: int, grounds: Grounds) -> StepFailure:
    deed = "returns" if done.rows is not None else "changes"
    told = f"{subject_of(one.sent)} {deed} {_rows(done.count)}, expected {_rows(wanted)}"
    if done.count < wanted:
        return _failure(one, rules.ROWS_MISSING, f"{told}; {_HIDDEN}.", _rows(done.count), grounds)
    return _failure(one, rules.ROWS_UNEXPECTED, f"{told}.", _rows(done.count), grounds)


def _other_values(
    one: DescribedStep, done: ExecutedStatement, grounds: Grounds, equal: Callable[[int, str, str], bool]
) -> StepFailure | None:
    types = {column.name: column.type for column in one.known.columns or ()}
    for number, (row, wanted) in enumerate(zip(done.rows or (), one.sent.step.expected_rows, strict=False), start=1):
        found = dict(zip(done.columns, row, strict=True))
        for column in wanted:
            value = found.get(str(column.column))
            if value == _as_printed(one, column):
                continue
            type_ = types.get(str(column.column))
            if type_ and value is not None and column.value is not None and equal(type_, value, str(column.value)):
                continue  # as 5 and 5.00 are
            of_row = f" in row {number}" if len(done.rows or ()) > 1 else ""
            shown, said = _shown(value), _shown(column.value)
            told = f"{subject_of(one.sent)} returns {shown} as {column.column}{of_row}, expected {said}."
            return StepFailure(
                rule=rules.OTHER_VALUES,
                message=told,
                location=where(column.column if column.value is None else column.value),
                expected=f"{column.column}: {said}",
                actual=f"{column.column}: {shown}",
                stands_on=grounds.of_step(one.sent),
            )
    return None


def _as_printed(one: DescribedStep, column: ExpectedColumn) -> str | None:
    if column.value is None:
        return None
    read = one.values.get((str(column.column), str(column.value)))
    return read if isinstance(read, str) else str(column.value)


def _shown(value: str | None) -> str:
    if value is None:
        return "null"
    return f"“{value}”" if len(value) <= _LONGEST else f"“{value[:_LONGEST]}…”"


def _rows(number: int) -> str:
    return counted(number, "row") if number else "no rows"


def _failure(one: DescribedStep, rule: Rule, message: str, actual: str, grounds: Grounds) -> StepFailure:
    said = one.sent.step.expected
    return StepFailure(
        rule=rule,
        message=message,
        location=said.location if said else one.sent.step.location,
        expected=said.words if said else None,
        actual=actual,
        stands_on=grounds.of_step(one.sent),
    )
