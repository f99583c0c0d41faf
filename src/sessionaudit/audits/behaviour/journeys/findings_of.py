"""Make findings of what became of journeys, and say what of them is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.behaviour.journeys.outcome import StepState
from sessionaudit.core.finding import Finding, Skipped
from sessionaudit.core.printed_commands import CALLING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessionaudit.audits.behaviour.journeys.outcome import JourneyOutcome, StepFailure
    from sessionaudit.contract.journeys import Journey

EXPLAINED = (
    "PostgreSQL has explained each statement as its role, and executed none: which rows policies let through, and what "
    "constraints and triggers do, is not known"
)
_NOT_EXECUTED = (StepState.ACCEPTED, StepState.UNDECIDED)


def findings_of(outcomes: Iterable[JourneyOutcome]) -> Iterator[Finding]:
    """Return the findings, in the order of the contract."""
    for one in outcomes:
        for step in one.whole:
            if step.failure is not None:
                yield _finding(one.journey, step.failure, step.step.name)
        if one.end is not None:
            yield _finding(one.journey, one.end, "")


def _finding(journey: Journey, failure: StepFailure, facet: str) -> Finding:
    return Finding(
        rule=failure.rule,
        severity=failure.rule.severity,
        ref=journey.ref,
        facet=facet,
        expected=failure.expected,
        actual=failure.actual,
        message=failure.message,
        locations=(failure.location,),
        stands_on=failure.stands_on,
        holder=str(journey.ref),
    )


def unseen(outcomes: Iterable[JourneyOutcome]) -> tuple[Skipped, ...]:
    """Return the steps that could not be looked at, with the reasons."""
    return tuple(
        Skipped(
            f"{step.step.name} of journey {one.journey.name}",
            step.reason,
            step.hint,
            about=(one.journey.step_ref(step.step),),
        )
        for one in outcomes
        for step in one.whole
        if step.state is StepState.UNSEEN
    )


def undecided(outcomes: Iterable[JourneyOutcome]) -> tuple[Skipped, ...]:
    """Return the journeys of which steps were only explained."""
    line = CALLING.line("probe", "--embedded", without=("database_url", "role"))
    hint = f"`{line}` executes it, in a private server."
    return tuple(
        Skipped(f"journey {one.journey.name}", EXPLAINED, hint, about=(one.journey.ref,))
        for one in outcomes
        if any(step.state in _NOT_EXECUTED for step in one.steps)
    )
