"""What became of the steps of a journey."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from sessionaudit.contract.journeys import Journey, JourneyStep
    from sessionaudit.core.finding import Location, Rule
    from sessionaudit.core.ref import ObjectRef


class StepState(StrEnum):
    """What is known of a step; one that was only explained is `accepted`, and what comes of it is not known."""

    MET = "as expected"
    ACCEPTED = "accepted"
    FAILED = "not as expected"
    UNDECIDED = "not decided"
    UNSEEN = "not looked at"


class StepFailure(Struct, frozen=True, kw_only=True):
    """Why a step is not as expected: the rule, a sentence, the place in the contract, and what it stands on.

    `expected` and `actual` are what the contract says must come of it, and what came. `state` is the SQLSTATE, if it is
    an error.
    """

    rule: Rule
    message: str
    location: Location
    expected: str | None = None
    actual: str | None = None
    state: str = ""
    stands_on: tuple[ObjectRef, ...] = ()


class JourneyStepOutcome(Struct, frozen=True, kw_only=True):
    """One step: its state, the failure, if there is one, else the reason why nothing is known, and what would help."""

    step: JourneyStep
    state: StepState
    failure: StepFailure | None = None
    reason: str = ""
    hint: str = ""


class JourneyOutcome(Struct, frozen=True, kw_only=True):
    """One journey: what was given, its steps, and what only its end showed."""

    journey: Journey
    given: tuple[JourneyStepOutcome, ...]
    steps: tuple[JourneyStepOutcome, ...]
    end: StepFailure | None = None

    @property
    def whole(self) -> tuple[JourneyStepOutcome, ...]:
        """All that it does, in its order."""
        return (*self.given, *self.steps)
