"""Audit the behaviour: may each role do what it should, and no more, and do journeys end as expected?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.audit import Audit, Context, Looked, Needs
from sessionaudit.audits.behaviour.access.part import PART as ACCESS
from sessionaudit.audits.behaviour.journeys.part import PART as JOURNEYS
from sessionaudit.core.report import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.audits.behaviour.part import BehaviourPart
    from sessionaudit.contract.model import Contract

NAME, NOUN = "behaviour", "probe"
PARTS: tuple[BehaviourPart, ...] = (ACCESS, JOURNEYS)


def _applies(contract: Contract) -> bool:
    return any(part.applies(contract) for part in PARTS)


def _subjects(context: Context) -> Iterable[Looked]:
    for part in PARTS:
        if part.applies(context.contract):
            yield from part.subjects(context)


def _run(context: Context) -> Outcome:
    return together([part.run(context) for part in PARTS if part.applies(context.contract)])


def together(outcomes: list[Outcome]) -> Outcome:
    """Return the outcomes of parts as one of the audit."""
    checked: dict[str, int] = {}
    for outcome in outcomes:
        for noun, number in outcome.checked.items():
            checked[noun] = checked.get(noun, 0) + number
    return Outcome(
        audit=NAME,
        noun=NOUN,
        findings=tuple(finding for one in outcomes for finding in one.findings),
        skipped=tuple(skipped for one in outcomes for skipped in one.skipped),
        checked=checked,
        left_out=sum(one.left_out for one in outcomes),
        notes=tuple(note for one in outcomes for note in one.notes),
        undecided=tuple(skipped for one in outcomes for skipped in one.undecided),
        whole=all(one.whole for one in outcomes),
        unproven=tuple(unproven for one in outcomes for unproven in one.unproven),
        reservations={ref: said for one in outcomes for ref, said in one.reservations.items()},
        looked_at=lambda: (ref for one in outcomes for ref in one.looked_at()),
        tables=lambda report: (table for one in outcomes for table in one.tables(report)),
    )


AUDIT = Audit(name=NAME, noun=NOUN, needs=Needs.DATABASE, subjects=_subjects, run=_run, applies=_applies)
