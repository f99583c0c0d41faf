"""Define the checklist of a contract: sentences, what proves each, and what came of it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from sessionaudit.core.finding import Finding, Location, Rule, Skipped, Waiver
    from sessionaudit.core.ref import ObjectRef


class Proof(Struct, frozen=True, kw_only=True):
    """What proves a sentence; `text` is how the contract says it.

    Either `refs` are declared objects that an audit must have examined and found to be right, in the part `facet` if
    there is one; or there must be no finding of the `audit`, or by the `rule`, on what the `glob` matches, or at all.
    `audit` is "" if any audit may have the rule.
    """

    text: str
    location: Location
    audit: str
    refs: tuple[ObjectRef, ...] = ()
    facet: str = ""
    rule: Rule | None = None
    glob: str = ""

    @property
    def parts(self) -> tuple[ObjectRef, ...]:
        """The references of what must have been examined: the objects, or the part of each that it is about."""
        return tuple(ref._replace(path=(*ref.path, self.facet)) for ref in self.refs) if self.facet else self.refs


class ChecklistPoint(Struct, frozen=True, kw_only=True):
    """A sentence of the checklist, and all that must hold so that it is true."""

    sentence: str
    location: Location
    proofs: tuple[Proof, ...]


class PointState(StrEnum):
    """What came of a point, or of one of its proofs; the worst comes first."""

    FAILED = "failed"
    UNCHECKED = "not checked"
    WAIVED = "waived"
    TICKED = "ticked"


class ProofResult(Struct, frozen=True, kw_only=True):
    """What came of a proof: `findings` that disprove it, why it is `unchecked`, or findings that are `waived`.

    `remarks` say how far a proof goes that holds.
    """

    proof: Proof
    findings: tuple[Finding, ...] = ()
    unchecked: tuple[Skipped, ...] = ()
    waived: tuple[tuple[Finding, Waiver], ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def state(self) -> PointState:
        """What came of it. It is ticked only if nothing speaks against that."""
        if self.findings:
            return PointState.FAILED
        if self.unchecked:
            return PointState.UNCHECKED
        return PointState.WAIVED if self.waived else PointState.TICKED


class ProvenPoint(Struct, frozen=True, kw_only=True):
    """A point of the checklist with what came of each of its proofs."""

    point: ChecklistPoint
    results: tuple[ProofResult, ...]

    @property
    def state(self) -> PointState:
        """The worst state of its proofs."""
        states = {result.state for result in self.results}
        return next(state for state in PointState if state in states)

    @property
    def remarks(self) -> tuple[str, ...]:
        """How far its proofs go that hold, each remark once."""
        return tuple(dict.fromkeys(remark for result in self.results for remark in result.remarks))

    @property
    def in_part(self) -> bool:
        """Whether it is ticked, but a proof of it goes less far than the sentence may: it was not executed, say."""
        return self.state is PointState.TICKED and bool(self.remarks)
