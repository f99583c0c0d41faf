"""Make a report of what was read of a saved one."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

from msgspec.structs import astuple, replace

from sessionaudit.core.baseline import BaselineEntry
from sessionaudit.core.checklist import ChecklistPoint, Proof, ProofResult, ProvenPoint
from sessionaudit.core.finding import Finding, Location, Rule, Severity, Skipped, Waiver
from sessionaudit.core.ref import ObjectRef, Spelled
from sessionaudit.core.report import (
    STANDARD,
    Database,
    ManualStep,
    ObjectReference,
    Outcome,
    Report,
    ReportTable,
    Searched,
    TonedText,
    Unproven,
    Unsaid,
)
from sessionaudit.errors import FileError
from sessionaudit.report.saved.spelling import NEVER
from sessionaudit.rulebook import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sessionaudit.report.saved.shapes import (
        SavedBaselineEntry,
        SavedFinding,
        SavedLocation,
        SavedOutcome,
        SavedPoint,
        SavedProof,
        SavedRef,
        SavedReport,
        SavedRun,
        SavedSkipped,
        SavedTable,
        SavedWaiver,
    )


def made(saved: SavedReport, name: str) -> Report:
    """Make the report that was saved in the file of this name. Raises FileError if its parts do not fit together."""
    findings = _Findings(saved, name)
    skipped = [_skipped(one) for one in saved.skipped]
    own = sum(one.skipped for one in saved.audits)
    if own > len(skipped) or sum(one.undecided for one in saved.audits) > len(saved.undecided):
        raise findings.torn("it counts more parts that were not checked than it lists")
    first, *others = [*_outcomes(saved, skipped)] or [Outcome(audit="", noun="")]
    tables, references = (
        tuple(map(_table, saved.tables)),
        tuple(ObjectReference(*astuple(one)) for one in saved.references),
    )

    def shown(_: Report) -> tuple[ReportTable, ...]:
        return tables

    def drawn(_: Report) -> tuple[ObjectReference, ...]:
        return references

    first = replace(first, tables=shown, references=drawn)
    notes = sum(one.notes for one in saved.audits)
    database = saved.database
    return Report(
        database=Database(database.name, database.host, database.server_version, database.user) if database else None,
        contract=saved.contract,
        findings=findings.counted,
        waived=findings.waived,
        outcomes=(first, *others) if saved.audits else (),
        filtered=saved.filtered,
        next=saved.next,
        by_hand=tuple(ManualStep(one.before, one.command) for one in saved.by_hand),
        standard=saved.standard or STANDARD,
        uncompared=saved.uncompared,
        holders=saved.holders,
        checklist=tuple(findings.point(one) for one in saved.checklist),
        failing=None if saved.fail_on == NEVER else _severity(saved.fail_on),
        began=saved.began,
        seconds=saved.seconds,
        accepted=findings.accepted,
        remarks=saved.notes[notes:],
        selected=saved.selected,
        again=saved.again,
    )


class _Findings:
    """The findings of a saved report, and what names them by their fingerprints."""

    def __init__(self, saved: SavedReport, name: str) -> None:
        self._name = name
        self._rules = dict[tuple[str, str], Rule]()
        every = (*saved.findings, *saved.waived, *saved.accepted, *saved.outer_causes)
        alone = [self._finding(one) for one in every]
        self._by: dict[str, list[Finding]] = {}
        for one, finding in zip(every, alone, strict=True):
            self._by.setdefault(one.fingerprint, []).append(finding)
        linked = [
            replace(finding, because=self._named(one.because)) if one.because else finding
            for one, finding in zip(every, alone, strict=True)
        ]
        self._by.clear()
        for one, finding in zip(every, linked, strict=True):
            self._by.setdefault(one.fingerprint, []).append(finding)
        first = len(saved.findings)
        second = first + len(saved.waived)
        third = second + len(saved.accepted)
        self.counted = tuple(linked[:first])
        self.waived = tuple(
            (finding, self._waiver(one.waiver, finding.rule))
            for finding, one in zip(linked[first:second], saved.waived, strict=True)
        )
        self.accepted = tuple(
            (finding, self._entry(one.baseline, finding))
            for finding, one in zip(linked[second:third], saved.accepted, strict=True)
        )
        self._waivers = {id(finding): waiver for finding, waiver in self.waived}

    def torn(self, what: str) -> FileError:
        """What is said of a report whose parts do not fit together."""
        return FileError(f"this is no report that can be printed: {what}", location=Location(self._name, 1))

    def point(self, one: SavedPoint) -> ProvenPoint:
        """A sentence of the checklist, with what came of it."""
        place = _location(one.location)
        results = tuple(self._result(proof, place) for proof in one.proofs)
        proofs = tuple(result.proof for result in results)
        if not proofs:
            raise self.torn(f"nothing proves “{one.sentence}”")
        point = ChecklistPoint(sentence=one.sentence, location=place, proofs=proofs)
        return ProvenPoint(point=point, results=results)

    def _result(self, one: SavedProof, place: Location) -> ProofResult:
        waived = [(finding, self._waivers.get(id(finding))) for finding in self._named(one.waived)]
        return ProofResult(
            proof=Proof(text=one.proof, location=place, audit="", refs=tuple(map(_ref, one.refs))),
            findings=self._named(one.findings),
            unchecked=tuple(map(_skipped, one.unchecked)),
            waived=tuple((finding, waiver) for finding, waiver in waived if waiver),
            remarks=one.remarks,
        )

    def _named(self, fingerprints: Sequence[str]) -> tuple[Finding, ...]:
        """The findings of these fingerprints; those that share one are told apart by their order."""
        seen: Counter[str] = Counter()
        found: list[Finding] = []
        for one in fingerprints:
            several = self._by.get(one)
            if several is None:
                raise self.torn(f"it names a finding {one}, and has none")
            found.append(several[min(seen[one], len(several) - 1)])
            seen[one] += 1
        return tuple(found)

    def _finding(self, one: SavedFinding) -> Finding:
        return Finding(
            rule=self._rule(one),
            severity=_severity(one.severity),
            ref=_ref(one.ref),
            facet=one.facet,
            expected=one.expected,
            actual=one.actual,
            message=one.message,
            locations=tuple(map(_location, (*((one.location,) if one.location else ()), *one.elsewhere))),
            holder=one.holder,
            audit=one.audit,
            definition=one.definition,
            fix=one.fix,
            barred=_skipped(one.barred) if one.barred else None,
            printed=one.printed,
            statement=one.statement,
            rows=one.rows,
        )

    def _rule(self, one: SavedFinding) -> Rule:
        """The rule of this name and code; of one that this version does not know only these are told."""
        key = (one.code, one.rule)
        if key not in self._rules:
            known = RULES.get(one.rule)
            unknown = Rule(one.code, one.rule, _severity(one.severity), f"{one.rule}.", "")
            self._rules[key] = known if known and known.code == one.code else unknown
        return self._rules[key]

    def _waiver(self, one: SavedWaiver | None, rule: Rule) -> Waiver:
        if one is None:
            raise self.torn("what is waived has no waiver")
        return Waiver(
            rule=rule,
            object=one.object,
            reason=one.reason,
            owner=one.owner,
            until=one.until,
            location=_location(one.location),
        )

    def _entry(self, one: SavedBaselineEntry | None, finding: Finding) -> BaselineEntry:
        if one is None:
            raise self.torn("what is accepted has no baseline")
        return BaselineEntry(
            fingerprint=one.fingerprint,
            rule=f"{finding.rule.code} {finding.rule.name}",
            audit=finding.audit,
            object=str(finding.ref),
            severity=_severity(one.severity),
            message=one.message,
            facet=one.facet,
            actual=one.actual,
            rows=one.rows,
            reason=one.reason,
            until=one.until,
            location=_location(one.location),
        )


def _outcomes(saved: SavedReport, skipped: Sequence[Skipped]) -> Iterator[Outcome]:
    parts, notes = iter(skipped), iter(saved.notes)
    undecided = iter([_skipped(one) for one in saved.undecided])
    for one in saved.audits:
        yield Outcome(
            audit=one.audit,
            noun=one.noun,
            skipped=tuple(islice(parts, one.skipped)),
            checked=one.checked,
            left_out=one.uncounted,
            plans={name: saved.plans.get(name, "") for name in one.plans},
            notes=tuple(islice(notes, one.notes)),
            whole=one.whole,
            undecided=tuple(islice(undecided, one.undecided)),
            examined=saved.examined.get(one.audit, {}),
            told=one.told,
            looked_at=_LookedAt(one.looked_at),
            unsaid=tuple(Unsaid(some.why, tuple(_LookedAt(some.about)())) for some in one.unsaid),
            searched=Searched(one.searched.below, one.searched.passed_over),
            unproven=_unproven(one),
            directory=one.directory,
        )


def _table(one: SavedTable) -> ReportTable:
    rows = (tuple(tuple(TonedText(line.text, line.tone) for line in cell) for cell in row) for row in one.rows)
    return ReportTable(one.title, one.about, one.columns, tuple(rows))


def _unproven(one: SavedOutcome) -> tuple[Unproven, ...]:
    return tuple(
        Unproven(frozenset(RULES[name] for name in some.rules if name in RULES), some.why) for some in one.unproven
    )


class _LookedAt:
    """Returns the objects that were examined when it is asked: few formats do."""

    def __init__(self, runs: Sequence[SavedRun]) -> None:
        self._runs = runs

    def __call__(self) -> Iterable[ObjectRef]:
        for run in self._runs:
            for name in run.names:
                yield _path_of(run.kind, (*run.outer, name), run.spelled)


def _ref(one: SavedRef) -> ObjectRef:
    return _path_of(one.kind, one.path, one.spelled)


def _path_of(kind: str, path: Sequence[str], spelled: Sequence[int]) -> ObjectRef:
    return ObjectRef(kind, tuple(Spelled(part) if place in spelled else part for place, part in enumerate(path)))


def _skipped(one: SavedSkipped) -> Skipped:
    return Skipped(
        one.what, one.reason, one.hint, one.statement, tuple(map(_ref, one.about)), tuple(map(_ref, one.stands_on))
    )


def _location(one: SavedLocation) -> Location:
    return Location(one.file, one.line or 0, one.column, one.snippet, one.length, one.snippet_column - 1)


def _severity(word: str) -> Severity:
    return Severity[word.upper()]
