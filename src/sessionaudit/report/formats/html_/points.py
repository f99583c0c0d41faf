"""Gather what the page shows of the contract's checklist."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.core.checklist import PointState
from sessionaudit.report.checklist_sentences import MOST_SHOWN, accepted, reasons, unmentioned, verdict
from sessionaudit.report.told import headline

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessionaudit.core.checklist import ProofResult, ProvenPoint
    from sessionaudit.core.report import Report

_TONES = {PointState.TICKED: "good", PointState.FAILED: "error"}


class ShownDisproof(NamedTuple):
    """A finding that speaks against a proof: its anchor on the page, and what it says."""

    anchor: str
    headline: str
    message: str


class ShownProof(NamedTuple):
    """A proof that does not hold, and why; `more` counts findings that are not listed."""

    state: str
    text: str
    findings: tuple[ShownDisproof, ...]
    more: int
    reasons: tuple[str, ...]
    waived: tuple[str, ...]


class ShownPoint(NamedTuple):
    """A sentence of the checklist, what came of it, and the proofs that do not hold."""

    sentence: str
    state: str
    tone: str
    proofs: tuple[ShownProof, ...]
    remarks: tuple[str, ...]


class ShownChecklist(NamedTuple):
    """The points, what they come to in a sentence, and what no point is about."""

    verdict: str
    points: tuple[ShownPoint, ...]
    others: tuple[str, ...]


def shown_checklist(report: Report, anchors: Mapping[str, str]) -> ShownChecklist | None:
    """Return the checklist, if the contract has one; `anchors` are those of findings, by their fingerprints."""
    if not report.checklist:
        return None
    start, _, where = verdict(report)
    points = tuple(_point(one, anchors) for one in report.checklist)
    return ShownChecklist(f"{start} {where}.", points, tuple(unmentioned(report)))


def _point(one: ProvenPoint, anchors: Mapping[str, str]) -> ShownPoint:
    return ShownPoint(
        sentence=one.point.sentence,
        state=f"{one.state} in part" if one.in_part else str(one.state),
        tone=_TONES.get(one.state, "warning"),
        proofs=tuple(_proof(result, anchors) for result in one.results if result.state is not PointState.TICKED),
        remarks=one.remarks,
    )


def _proof(result: ProofResult, anchors: Mapping[str, str]) -> ShownProof:
    return ShownProof(
        state=str(result.state),
        text=result.proof.text,
        findings=tuple(
            ShownDisproof(anchors.get(finding.fingerprint, ""), headline(finding), finding.message)
            for finding in result.findings[:MOST_SHOWN]
        ),
        more=max(len(result.findings) - MOST_SHOWN, 0),
        reasons=tuple(reasons(result)),
        waived=tuple(f"{headline(finding)}, {accepted(waiver)}" for finding, waiver in result.waived),
    )
