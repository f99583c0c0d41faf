"""Define what differs between two reports. What only one of them looked for is neither new nor gone."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from sessionaudit.core.pairing import paired

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.finding import Finding, Severity
    from sessionaudit.core.report import Report


class FindingChange(StrEnum):
    """What became of a finding, the most important first."""

    NEW = "new"
    WORSE = "worse"
    CHANGED = "changed"
    UNSEEN = "not looked for before"
    MILDER = "milder"
    ACCEPTED = "accepted now"
    GONE = "gone"
    UNKNOWN = "not known"
    UNCHANGED = "unchanged"


# Those that fail a call, if the finding is grave enough.
FAILING = (FindingChange.NEW, FindingChange.WORSE, FindingChange.CHANGED)


class ChangedFinding(NamedTuple):
    """A finding as it is now, or was before if it is not there, and as it was before, if it was."""

    change: FindingChange
    finding: Finding
    before: Finding | None


class ReportDifference(Struct, frozen=True, kw_only=True):
    """Two reports, the names of their files, and what became of each finding, the worst first.

    `failing` is the severity from which on a new finding fails the call, None if none does.
    """

    older: Report
    newer: Report
    files: tuple[str, str]
    failing: Severity | None
    changes: tuple[ChangedFinding, ...]

    def of(self, change: FindingChange) -> tuple[ChangedFinding, ...]:
        """The findings of which this became."""
        return tuple(one for one in self.changes if one.change is change)

    def fails(self, *changes: FindingChange) -> bool:
        """Whether one of these became of a finding that is grave enough to fail the call."""
        least = self.failing
        return least is not None and any(one.finding.severity >= least for one in self.changes if one.change in changes)


def difference(older: Report, newer: Report, files: tuple[str, str], failing: Severity | None) -> ReportDifference:
    """Compare two reports."""
    changes = sorted(_changes(older, newer), key=lambda one: -one.finding.severity)
    return ReportDifference(older=older, newer=newer, files=files, failing=failing, changes=tuple(changes))


def _changes(older: Report, newer: Report) -> Iterator[ChangedFinding]:
    pairs, left = paired(older.findings, newer.findings)
    for finding, before in pairs:
        if before is not None:
            yield ChangedFinding(_compared(before, finding), finding, before)
        else:
            change = FindingChange.NEW if _looked_for(finding, older, newer) else FindingChange.UNSEEN
            yield ChangedFinding(change, finding, None)
    accepted, left = paired(left, [finding for finding, _ in (*newer.waived, *newer.accepted)])
    for finding, before in accepted:
        if before is not None:
            yield ChangedFinding(FindingChange.ACCEPTED, finding, before)
    for finding in left:
        change = FindingChange.GONE if _looked_for(finding, newer, older) else FindingChange.UNKNOWN
        yield ChangedFinding(change, finding, finding)


def _compared(before: Finding, now: Finding) -> FindingChange:
    if now.severity > before.severity or (now.severity == before.severity and now.rows > before.rows):
        return FindingChange.WORSE
    if now.as_found != before.as_found:
        return FindingChange.CHANGED
    alike = now.severity == before.severity and now.rows == before.rows
    return FindingChange.UNCHANGED if alike else FindingChange.MILDER


def _looked_for(finding: Finding, report: Report, other: Report) -> bool:
    """Whether a report would have a finding that the other one has: what was left out of both was left out alike."""
    everything = not report.selected or report.selected == other.selected
    rule = f"{finding.rule.code} {finding.rule.name}"
    return everything and report.is_complete(finding.audit, rule, str(finding.ref))
