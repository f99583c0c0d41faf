"""Say of each point of a contract's checklist whether it is proven by what the audits found. Names no audit.

A proof is good only if all that it names was examined in this run, and nothing was found or left out.
"""

from __future__ import annotations

from functools import cached_property
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.audits.selection import names
from sessionaudit.contract.sections import SECTIONS
from sessionaudit.core.checklist import ProofResult, ProvenPoint
from sessionaudit.core.counting import counted
from sessionaudit.core.finding import Severity, Skipped
from sessionaudit.core.streams import base_of
from sessionaudit.kinds import KINDS, SCHEMAS
from sessionaudit.rulebook import REFUSED, UNCERTAIN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sessionaudit.audits.audit import Looked
    from sessionaudit.audits.selection import Selection
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.checklist import ChecklistPoint, Proof
    from sessionaudit.core.finding import Finding, Rule, Waiver
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.core.report import Outcome

_WITHIN = {kind.name: frozenset(kind.within) for kind in KINDS}
_UNSETTLED = (UNCERTAIN, REFUSED)
_ALL = "Check without --only and --ignore."


class AuditedContract(Struct, frozen=True, kw_only=True):
    """What the audits of a run found.

    `found` are all findings, `findings` those that count, and `waived` those that a waiver covers. `outcomes` are by
    the names of the audits that could run; `subjects` returns what one of these examines, with the rules.
    """

    contract: Contract
    selection: Selection
    outcomes: Mapping[str, Outcome]
    found: Sequence[Finding]
    findings: Sequence[Finding]
    waived: Sequence[tuple[Finding, Waiver]]
    subjects: Callable[[str], Iterable[Looked]]


def proven(audited: AuditedContract) -> tuple[ProvenPoint, ...]:
    """Return what came of each point of the checklist, in the order of the contract."""
    evidence = _Evidence(audited)
    return tuple(_proven(point, evidence) for point in audited.contract.checklist)


def _proven(point: ChecklistPoint, evidence: _Evidence) -> ProvenPoint:
    return ProvenPoint(point=point, results=tuple(evidence.of(proof) for proof in point.proofs))


class _Evidence:
    """What speaks for and against proofs."""

    def __init__(self, audited: AuditedContract) -> None:
        self._audited = audited
        self._schema = audited.contract.schema
        self._rules: dict[str, dict[ObjectRef, frozenset[Rule]]] = {}
        folder = base_of(Path(audited.contract.file)).as_posix()
        self._folder = f"{escape(folder)}/" if folder != "." else ""
        self._grave = {one.fingerprint for one in audited.found if one.severity >= Severity.WARNING}

    def of(self, proof: Proof) -> ProofResult:
        """Return what came of a proof."""
        audited, about = self._audited, self._about(proof)
        against = tuple(one for one in audited.findings if about(one) and self._disproves(one, proof))
        if against:
            return ProofResult(proof=proof, findings=against)
        waived = tuple(one for one in audited.waived if about(one[0]) and self._disproves(one[0], proof))
        unchecked = tuple(self._unchecked(proof, about))
        remarks = () if unchecked else tuple(dict.fromkeys(self._reservations(proof)))
        return ProofResult(proof=proof, unchecked=unchecked, waived=waived, remarks=remarks)

    def _reservations(self, proof: Proof) -> Iterator[str]:
        for outcome in self._audited.outcomes.values():
            yield from (outcome.reservations[ref] for ref in proof.refs if ref in outcome.reservations)
            if not proof.refs and proof.rule is None and proof.audit == outcome.audit:
                yield from outcome.reservations.values()

    def _disproves(self, finding: Finding, proof: Proof) -> bool:
        """Whether a finding says that something is not so; by a rule that is named, any does.

        A note is a remark, unless the contract has made one of it, or what is expected is not there at all.
        """
        if proof.rule is not None:
            return finding.rule is proof.rule
        if finding.rule in _UNSETTLED or finding.barred:
            return False
        absent = not finding.facet and finding.expected is not None
        return finding.severity >= Severity.WARNING or finding.fingerprint in self._grave or absent

    def _about(self, proof: Proof) -> Callable[[Finding], bool]:
        """Return a test whether a finding is about what a proof names."""
        if not proof.refs:
            return lambda one: (
                (not proof.audit or one.audit == proof.audit)
                and (proof.rule is None or one.rule is proof.rule or one.rule in _UNSETTLED)
                and (not proof.glob or self._matches(proof, one.ref))
            )
        refs = frozenset(proof.refs)
        unseen = refs - self._examined
        holders = {
            (name, ref.path[:size])
            for ref in unseen
            for name in (*_WITHIN.get(ref.kind, ()), SCHEMAS.name)
            for size in range(1, len(ref.path))
        }

        def about(one: Finding) -> bool:
            if one.audit != proof.audit:
                return False
            if one.ref in refs:
                return not proof.facet or one.facet == proof.facet
            inside = any((name, one.ref.path[:-1]) in paths for name in _WITHIN.get(one.ref.kind, ()))
            return inside or one.ref in holders

        paths = {(ref.kind, ref.path) for ref in refs}
        return about

    @cached_property
    def _examined(self) -> frozenset[ObjectRef]:
        return frozenset(ref for outcome in self._audited.outcomes.values() for ref in outcome.looked_at())

    def _unchecked(self, proof: Proof, about: Callable[[Finding], bool]) -> Iterator[Skipped]:
        """Say why a proof that nothing speaks against is none."""
        audits = (proof.audit,) if proof.audit else tuple(self._audited.outcomes)
        for audit in audits:
            outcome = self._audited.outcomes.get(audit)
            if outcome is None:
                yield _idle(proof, audit)
                return
            if not self._selected(proof, audit):
                yield Skipped(proof.text, "--only or --ignore leaves it out, or a part of it", _ALL)
                return
            if outcome.left_out and not outcome.total:
                yield Skipped(proof.text, f"the audit “{audit}” did not run")
                return
        hidden = tuple(self._hidden(about, proof))
        yield from hidden
        for audit in audits:
            outcome = self._audited.outcomes[audit]
            if not proof.refs:
                yield from self._everything(proof, outcome)
            elif reasons := tuple(self._skipped(proof, outcome)):
                yield from reasons
            elif not hidden:
                yield from self._unexamined(proof, outcome)

    def _selected(self, proof: Proof, audit: str) -> bool:
        """Whether the options select all that could speak against a proof."""
        selection = self._audited.selection
        if selection.everything:
            return True
        if audit not in self._rules:
            self._rules[audit] = {one.ref: one.rules for one in self._audited.subjects(audit)}
        rules = self._rules[audit]
        if not proof.refs:
            every = {proof.rule} if proof.rule else {rule for known in rules.values() for rule in known}
            return selection.takes_all(audit, None, every)
        return all(selection.takes_all(audit, ref, rules.get(ref, frozenset())) for ref in proof.refs)

    def _hidden(self, about: Callable[[Finding], bool], proof: Proof) -> Iterator[Skipped]:
        """Find what was found and does not count, or does not say whether something is right."""
        shown = {one.fingerprint for one in (*self._audited.findings, *(one for one, _ in self._audited.waived))}
        for one in self._audited.found:
            if not about(one):
                continue
            if one.barred or (one.rule in _UNSETTLED and one.rule is not proof.rule):
                yield one.barred or Skipped(str(one.ref), one.message)
            elif one.fingerprint not in shown and self._disproves(one, proof):
                off = f"the contract switches the rule {one.rule.name} off, by which something is found: {one.message}"
                yield Skipped(str(one.ref), off)

    def _skipped(self, proof: Proof, outcome: Outcome) -> Iterator[Skipped]:
        """Return why objects that a proof names, or what is in them, could not be examined."""
        kinds, parts = {ref.kind for ref in proof.refs}, (*proof.refs, *proof.parts)
        seen = self._examined.issuperset(proof.parts)
        undecided = (one for one in outcome.undecided if not (seen and outcome.reservations.keys() >= {*one.about}))
        for one in (*outcome.skipped, *undecided):
            if any(_concerns(about, parts, kinds) for about in one.about):
                yield one

    def _unexamined(self, proof: Proof, outcome: Outcome) -> Iterator[Skipped]:
        """Name an object that was not examined, for a reason that is not known."""
        refs = zip(proof.refs, proof.parts, strict=True)
        unseen = [part for ref, part in refs if not self._examined & {ref, part}]
        if unseen:
            others = f" and {counted(len(unseen) - 1, 'other object')}" if len(unseen) > 1 else ""
            yield Skipped(f"{unseen[0]}{others}", f"not examined by the audit “{outcome.audit}”")

    def _everything(self, proof: Proof, outcome: Outcome) -> Iterator[Skipped]:
        """Say what of an audit's work was not done, as far as a proof needs it."""
        yield from (one for one in outcome.skipped if self._matters(one, proof))
        reserved = outcome.reservations.keys()
        undecided = [one for one in outcome.undecided if not (one.about and reserved >= {*one.about})]
        undecided = [one for one in undecided if self._matters(one, proof)]
        if undecided:
            more = f", and of {len(undecided) - 1:,} more" if len(undecided) > 1 else ""
            hint = "`sessionaudit check --verbose` shows all of them." if more else ""
            yield Skipped(undecided[0].what, f"it is not known whether it is right: {undecided[0].reason}{more}", hint)
        for some in outcome.unproven:
            one = Skipped(proof.text, some.why, about=some.about)
            if (proof.rule is None or proof.rule in some.rules) and self._matters(one, proof):
                yield one
        if not outcome.whole:
            yield Skipped(proof.text, f"the audit “{outcome.audit}” did not examine everything")
        if proof.glob and not any(self._matches(proof, ref) for ref in outcome.looked_at()):
            yield Skipped(proof.text, f"nothing that the audit “{outcome.audit}” examined has a name that matches")

    def _matches(self, proof: Proof, ref: ObjectRef) -> bool:
        """Whether a proof's glob matches an object, or a file as seen from the contract."""
        return names(proof.glob, ref, self._schema) or (
            bool(self._folder) and names(f"{self._folder}{proof.glob}", ref, self._schema)
        )

    def _matters(self, one: Skipped, proof: Proof) -> bool:
        """Whether what was not checked may be about what a proof's glob matches."""
        if not proof.glob or not one.about or any(not ref.path for ref in one.about):
            return True
        return any(self._matches(proof, ref) for ref in one.about)


def _concerns(about: ObjectRef, refs: Iterable[ObjectRef], kinds: set[str]) -> bool:
    """Whether something that was not checked is among some objects; if it is all of a kind, also in one of them."""
    if not about.path:
        return about.kind in kinds or bool(_WITHIN.get(about.kind, frozenset()) & kinds)
    return about in refs


def _idle(proof: Proof, audit: str) -> Skipped:
    sections = " or ".join(f"“{one.name}:”" for one in SECTIONS if one.audit == audit)
    hint = f"State what it is about, under {sections}." if sections else ""
    return Skipped(proof.text, f"the contract has nothing for the audit “{audit}”", hint)
