"""Say in one sentence what a report comes to; “clean” only where nothing was left out or accepted."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from sessionaudit.core.counting import counted, listed_words
from sessionaudit.core.finding import Severity
from sessionaudit.core.visible import visible
from sessionaudit.report.forest import cause_counts, forest

if TYPE_CHECKING:
    from sessionaudit.core.report import Report, Unsaid


class ReportVerdict(NamedTuple):
    """A sentence: its `start`, the `style` of that, and the rest. `is_clean` says that nothing was found."""

    start: str
    style: str
    rest: str
    is_clean: bool

    @property
    def sentence(self) -> str:
        """The whole of it."""
        return f"{self.start}{self.rest}"


def verdict(report: Report) -> ReportVerdict:
    """Return the verdict on all that was asked for; names are escaped in it."""
    where = visible(f"in {report.database}" if report.database else f"by {report.contract}")
    counts = [
        counted(report.count(severity), str(severity))
        for severity in sorted(Severity, reverse=True)
        if report.count(severity)
    ]
    explained = cause_counts(forest(report.findings, report.unchecked)).sentence
    asides = [explained] if explained else []
    asides += [f"{len(report.waived)} waived"] if report.waived else []
    asides += [f"{len(report.accepted):,} accepted by the baseline"] if report.accepted else []
    if report.unchecked:
        counts.append(f"{counted(len(report.unchecked), 'part')} not checked")
    asides += [f"{counted(len(report.undecided), 'part')} not known"] if report.undecided else []
    asides += [f"{counted(number, noun)} not counted" for noun, number in report.left_out.items()]
    if report.filtered:
        asides.append("some rules or objects were excluded by --only or --ignore")
    elif off := sum(len(some.about) for some in _unsaid(report)):
        asides.append(f"the contract's rules ignore findings on {counted(off, 'object')}")
    aside = f" ({'; '.join(asides)})" if asides else ""
    totals = enumerate(report.totals.items())
    checked = listed_words([counted(total, noun) for place, (noun, total) in totals if total or not place])
    if counts:
        style = str(max((finding.severity for finding in report.findings), default=Severity.WARNING))
        return ReportVerdict(", ".join(counts), style, f" {where}; {checked} checked{aside}.", is_clean=False)
    kinds = ", ".join(counted(number, kind.replace("_", " ")) for kind, number in report.checked.items() if number)
    if not kinds and report.repaired:  # such as a column that the contract does not state
        return ReportVerdict("What was repaired is no longer found", "good", f" {where}{aside}.", is_clean=True)
    if not kinds:
        nothing = f"Nothing was checked {where}: the contract states nothing of what was asked for{aside}."
        return ReportVerdict("", "", report.worded(nothing), is_clean=True)
    listed = "" if kinds == checked else f": {kinds}"
    return ReportVerdict(_start(report), "good", f": {checked} {where}{listed}{aside}.", is_clean=True)


def _start(report: Report) -> str:
    """Return the words for a report without findings: in short, whether there may be others."""
    if report.accepted:
        return "Nothing new"
    if report.waived:
        return "Nothing else found"
    return "Nothing found" if report.undecided or report.is_part or _unsaid(report) else "Clean"


def _unsaid(report: Report) -> list[Unsaid]:
    return [some for outcome in report.outcomes for some in outcome.unsaid]


def word(report: Report) -> str:
    """Return in few words whether the call failed, passed, or cannot tell; what left something out does not pass."""
    least = report.failing
    failed = least is not None and any(finding.severity >= least for finding in report.findings)
    part = "nothing found in the part that was selected" if report.is_part else "passed"
    return "failed" if failed else "not all was checked" if report.unchecked else part


class AuditCounts(Struct, frozen=True):
    """What an audit found, from the worst severity on, and how much it checked, in its own noun."""

    audit: str
    found: tuple[int, ...]
    checked: int
    noun: str


def counts_by_audit(report: Report) -> list[AuditCounts]:
    """Return the counts of each audit that checked or found something."""
    outcomes = {outcome.audit: outcome for outcome in report.outcomes}
    counts = Counter((finding.audit, finding.severity) for finding in report.findings)
    told: list[AuditCounts] = []
    for audit in dict.fromkeys([*outcomes, *(audit for audit, _ in counts)]):
        found = tuple(counts[audit, severity] for severity in sorted(Severity, reverse=True))
        total, noun = (outcomes[audit].total, outcomes[audit].noun) if audit in outcomes else (0, "")
        if total or any(found):
            told.append(AuditCounts(audit, found, total, noun))
    return told
