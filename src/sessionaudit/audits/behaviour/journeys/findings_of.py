"""Make findings of what became of journeys, and say what of them is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.behaviour.journeys.outcome import StepState
from sessionaudit.audits.behaviour.journeys.rules import UNKNOWN_NAME
from sessionaudit.core.finding import Finding, Skipped
from sessionaudit.core.printed_commands import CALLING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessionaudit.audits.behaviour.journeys.outcome import JourneyOutcome, StepFailure
    from sessionaudit.contract.journeys import Journey, JourneyStep

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
        decisive=() if failure.rule is UNKNOWN_NAME else failure.stands_on,
        holder=str(journey.ref),
    )


def unseen(outcomes: Iterable[JourneyOutcome]) -> tuple[Skipped, ...]:
    """Return the steps that could not be looked at, those of a journey that have the same reason together."""
    found: list[Skipped] = []
    for one in outcomes:
        steps: dict[tuple[str, str], list[JourneyStep]] = {}
        for step in one.whole:
            if step.state is StepState.UNSEEN:
                steps.setdefault((step.reason, step.hint), []).append(step.step)
        for (reason, hint), some in steps.items():
            names = ", ".join(step.name for step in some)
            about = tuple(map(one.journey.step_ref, some))
            found.append(Skipped(f"{names} of journey {one.journey.name}", reason, hint, about=about))
    return tuple(found)


def undecided(outcomes: Iterable[JourneyOutcome]) -> tuple[Skipped, ...]:
    """Return the journeys of which steps were only explained."""
    line = CALLING.line("probe", "--embedded", without=("database_url", "role"))
    hint = f"`{line}` executes the steps in a private server, and changes nothing."
    return tuple(
        Skipped(f"journey {one.journey.name}", EXPLAINED, hint, about=(one.journey.ref,))
        for one in outcomes
        if any(step.state in _NOT_EXECUTED for step in one.steps)
    )
