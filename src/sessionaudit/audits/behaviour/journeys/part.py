"""The part of the audit that examines journeys, without executing them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.audits.audit import Looked
from sessionaudit.audits.behaviour.journeys.rules import RULES
from sessionaudit.audits.behaviour.part import BehaviourPart
from sessionaudit.core.printed_commands import CALLING, PARTS
from sessionaudit.core.report import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sessionaudit.audits.audit import Context
    from sessionaudit.audits.behaviour.journeys.outcome import JourneyOutcome
    from sessionaudit.contract.journeys import Journey
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.ref import ObjectRef

NAME = "behaviour"
_NOUN = "step"
_RULES = frozenset(RULES)


def _applies(contract: Contract) -> bool:
    return bool(contract.journeys)


def _subjects(context: Context) -> Iterable[Looked]:
    return (Looked(journey.ref, _RULES) for journey in context.contract.journeys)


def _run(context: Context) -> Outcome:
    journeys = context.contract.journeys
    asked = [one for one in journeys if context.selection.asks(NAME, one.ref, _RULES)]
    left_out = sum(len(one.steps) for one in journeys if one not in asked)
    if not asked:
        return Outcome(audit=NAME, noun=_NOUN, left_out=left_out, whole=context.selection.everything)
    from sessionaudit.audits.behaviour.journeys.dry import examine_dry  # noqa: PLC0415 - not every contract has them
    from sessionaudit.audits.behaviour.journeys.grounds import Grounds  # noqa: PLC0415 - the same

    timeout = context.options.statement_timeout
    grounds = Grounds(context.contract, frozenset(finding.ref for finding in context.found))
    found = outcome_of(examine_dry(context.read.connection, grounds, asked, timeout=timeout))
    reservations = {one.ref: _not_executed(one) for one in asked}
    return replace(found, left_out=left_out, whole=context.selection.everything, reservations=reservations)


def outcome_of(outcomes: Sequence[JourneyOutcome]) -> Outcome:
    """Return the outcome of an examination."""
    from sessionaudit.audits.behaviour.journeys.findings_of import findings_of, undecided, unseen  # noqa: PLC0415 - the same
    from sessionaudit.audits.behaviour.journeys.outcome import StepState  # noqa: PLC0415 - the same

    known = sum(step.state is not StepState.UNSEEN for one in outcomes for step in one.steps)
    return Outcome(
        audit=NAME,
        noun=_NOUN,
        findings=tuple(findings_of(outcomes)),
        skipped=unseen(outcomes),
        undecided=undecided(outcomes),
        checked={_NOUN: known},
        whole=True,
        looked_at=lambda: _looked_at(outcomes),
    )


def _not_executed(journey: Journey) -> str:
    line = CALLING.line("probe", "--embedded", operands=(journey.name,), without=(*PARTS, "database_url", "role"))
    return f"The {journey.ref} was explained as its roles, and not executed: `{line}` executes it."


def _looked_at(outcomes: Sequence[JourneyOutcome]) -> Iterator[ObjectRef]:
    """Return the steps of which something is known, and the journeys of which all steps are such."""
    from sessionaudit.audits.behaviour.journeys.outcome import StepState  # noqa: PLC0415 - not every contract has them

    for one in outcomes:
        known = [step for step in one.whole if step.state not in {StepState.UNSEEN, StepState.UNDECIDED}]
        yield from (one.journey.step_ref(step.step) for step in known)
        if len(known) == len(one.whole):
            yield one.journey.ref


PART = BehaviourPart(applies=_applies, subjects=_subjects, run=_run)
