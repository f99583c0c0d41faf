"""Gather what the page of a report shows, part by part; the templates have the words between."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.core.counting import counted
from sessionaudit.core.finding import Severity
from sessionaudit.report.file_names import file_name
from sessionaudit.report.forest import cause_counts, forest
from sessionaudit.report.formats.html_ import drawing
from sessionaudit.report.formats.html_.points import ShownChecklist, shown_checklist
from sessionaudit.report.formats.html_.shown import FindingPage, ShownFinding
from sessionaudit.report.formats.table import NEVER
from sessionaudit.report.grouping import follows, groups
from sessionaudit.report.told import (
    FEW_PARTS,
    NOT_CHECKED,
    NOT_KNOWN,
    accepted_in,
    contract_place,
    few_parts,
    headline,
    listed_parts,
    remarks,
    unchecked_parts,
    unknown_parts,
    waived_until,
)
from sessionaudit.report.tree import rolled_up
from sessionaudit.report.verdict import counts_by_audit, verdict, word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from sessionaudit.core.finding import Finding
    from sessionaudit.core.report import ManualStep, ObjectReference, Report, ReportTable
    from sessionaudit.report import Canvas
    from sessionaudit.report.forest import Branch
    from sessionaudit.report.verdict import AuditCounts

_SEVERITIES = tuple(sorted(Severity, reverse=True))
_OTHER = "other"
_LEAST_DRAWN = 2  # tables; one alone needs no drawing


class FindingGroup(NamedTuple):
    """Findings on one table, file or other object: its name, how many of each severity, and in which anchor."""

    anchor: str
    title: str
    counts: tuple[tuple[Severity, int], ...]
    findings: tuple[ShownFinding, ...]

    @property
    def is_code(self) -> bool:
        """Whether it is a file of which the lines are shown."""
        return all(one.snippet for one in self.findings)


class ShownBranch(NamedTuple):
    """A finding, what follows from it, what could not be checked because of it, and how much all that is."""

    shown: ShownFinding
    follows: tuple[ShownBranch, ...]
    unchecked: str
    counts: str


class ReportContent(NamedTuple):
    """What the page shows, each part as the template has it; empty where there is none."""

    word: str
    tone: str
    verdict: str
    facts: list[tuple[str, str]]
    audits: list[AuditCounts]
    severities: tuple[Severity, ...]
    told: list[str]
    never: str
    next: tuple[str, ...]
    by_hand: tuple[ManualStep, ...]
    checklist: ShownChecklist | None
    causes: tuple[ShownBranch, ...]
    explained: str
    among_causes: frozenset[str]
    drawing: drawing.Drawing | None
    can_draw: bool
    references: tuple[ObjectReference, ...]
    anchors: dict[str, str]
    objects: list[FindingGroup]
    code: list[FindingGroup]
    tables: tuple[ReportTable, ...]
    unchecked: list[tuple[str, str, str]]
    undecided: list[tuple[str, str, list[str]]]
    waived: list[tuple[str, str, str]]
    accepted: list[tuple[str, str, str]]
    remarks: list[str]
    plans: dict[str, str]
    filters: dict[str, list[tuple[str, str]]]


def page_content(report: Report, canvas: Canvas) -> ReportContent:
    """Return what the page of a report shows."""
    top = canvas.top
    following = follows(report.findings)
    by_holder = [(f"o{place}", *one) for place, one in enumerate(groups(report.findings, following, report.holders))]
    anchors_of = {id(finding): anchor for anchor, _, findings in by_holder for finding in findings}
    shown = FindingPage(report, following, anchors_of, canvas).shown()
    grouped = [_group(anchor, title, [shown[id(one)] for one in findings]) for anchor, title, findings in by_holder]
    objects = [one for one in grouped if not one.is_code]
    branches = () if canvas.flat else forest(report.findings, report.unchecked)
    trees = tuple(_branch(branch, shown, rolled_up(branch)) for branch in branches if branch.is_cause)
    references = report.references
    notes, anchors = _of_tables(report.findings, objects)
    ends = {*notes, *(end for one in references for end in (one.source, one.target))}
    draws = len(ends) >= _LEAST_DRAWN and bool(notes)
    said = verdict(report)
    return ReportContent(
        word=word(report),
        tone={"failed": "error", "passed": "good"}.get(word(report), "warning"),
        verdict=said.sentence,
        facts=list(_facts(report, top)),
        audits=counts_by_audit(report),
        severities=_SEVERITIES,
        told=[*filter(None, (outcome.told for outcome in report.outcomes)), *filter(None, [report.uncompared])],
        never=NEVER if said.is_clean else "",
        next=report.next,
        by_hand=report.by_hand,
        checklist=shown_checklist(report, {one.finding.fingerprint: one.anchor for one in shown.values()}),
        causes=trees,
        explained=cause_counts(branches).sentence,
        among_causes=frozenset(anchor for tree in trees for anchor in _anchors(tree)),
        drawing=drawing.drawn(notes, references) if draws and drawing.can_draw() else None,
        can_draw=not draws or drawing.can_draw(),
        references=references,
        anchors=anchors,
        objects=objects,
        code=[one for one in grouped if one.is_code],
        tables=report.tables,
        unchecked=list(unchecked_parts(report.unchecked)),
        undecided=[
            (few_parts(parts), f"{reason}. {hint}" if hint else reason, parts if len(parts) > FEW_PARTS else [])
            for parts, reason, hint in unknown_parts(report.undecided)
        ],
        accepted=[(headline(finding), finding.message, accepted_in(entry)) for finding, entry in report.accepted],
        waived=[(headline(finding), finding.message, waived_until(waiver)) for finding, waiver in report.waived],
        remarks=[one.text for one in remarks(report) if one.code not in {NOT_CHECKED, NOT_KNOWN}],
        plans=report.plans,
        filters=_filters(report, grouped),
    )


def _facts(report: Report, top: Path | None) -> Iterator[tuple[str, str]]:
    if report.database:
        yield "Database", str(report.database)
    if contract_place(report):
        yield "Contract", file_name(report.contract, top)
    elif report.contract:
        yield "Compared with", report.contract
    if report.began:
        yield "Began", f"{report.began:%Y-%m-%d %H:%M:%S} UTC"
    if report.seconds:
        yield "Took", f"{report.seconds:.1f} s"


def _group(anchor: str, title: str, findings: Sequence[ShownFinding]) -> FindingGroup:
    counts = Counter(one.finding.severity for one in findings)
    listed = tuple((severity, counts[severity]) for severity in _SEVERITIES if counts[severity])
    first = {one.finding.rule: one.anchor for one in reversed(findings)}  # which says why, for all of its rule
    told = (one._replace(why=one.why if first[one.finding.rule] == one.anchor else "") for one in findings)
    return FindingGroup(anchor, title or _OTHER, listed, tuple(told))


def _branch(branch: Branch, shown: dict[int, ShownFinding], counts: str = "") -> ShownBranch:
    unchecked = listed_parts([one.what for one in branch.unchecked]) if branch.unchecked else ""
    follows = tuple(_branch(one, shown) for one in branch.follows)
    return ShownBranch(shown[id(branch.finding)], follows, unchecked, counts)


def _anchors(branch: ShownBranch) -> Iterator[str]:
    yield branch.shown.anchor
    for one in branch.follows:
        yield from _anchors(one)


def _of_tables(
    findings: Iterable[Finding], grouped: Sequence[FindingGroup]
) -> tuple[dict[str, tuple[str, str]], dict[str, str]]:
    """Return what is said of each table in the drawing, with its worst severity, and the anchor of its findings.

    It is a table, or another object that holds some, if findings are about it or about what is in it.
    """
    holders = {one.holder for one in findings if one.holder in {one.ref.dotted, one.ref.parent}}
    kept = [one for one in grouped if one.title in holders]
    notes = {one.title: (_tally(one), str(one.counts[0][0])) for one in kept}
    return notes, {one.title: one.anchor for one in kept}


def _tally(group: FindingGroup) -> str:
    return ", ".join(counted(number, str(severity)) for severity, number in group.counts)


def _filters(report: Report, grouped: Sequence[FindingGroup]) -> dict[str, list[tuple[str, str]]]:
    """Return what can be chosen to limit the findings: the value and the words of each, by the name of the choice."""
    audits = dict.fromkeys(finding.audit for finding in report.findings)
    severities = [str(one) for one in _SEVERITIES if report.count(one)]
    return {
        "audit": [(name, name) for name in audits if name],
        "severity": [(name, f"{name}s") for name in severities],
        "group": sorted(((one.anchor, one.title) for one in grouped), key=lambda one: one[1]),
    }
