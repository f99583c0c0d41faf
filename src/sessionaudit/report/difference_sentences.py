"""What is said of the difference between two reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.changed_text import was_and_is
from sessionaudit.core.counting import counted
from sessionaudit.core.difference import FindingChange
from sessionaudit.core.finding import Severity
from sessionaudit.core.visible import shell_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.difference import ChangedFinding, ReportDifference
    from sessionaudit.core.finding import Finding
    from sessionaudit.core.report import Report

TITLES = {
    FindingChange.NEW: "New",
    FindingChange.WORSE: "Worse than before",
    FindingChange.CHANGED: "Changed: it is otherwise than before",
    FindingChange.UNSEEN: "Found now, and not looked for before",
    FindingChange.MILDER: "Milder than before",
    FindingChange.ACCEPTED: "Still there, and accepted now by a waiver or a baseline",
    FindingChange.GONE: "Gone",
    FindingChange.UNKNOWN: "Not known: found before, and not looked for now",
    FindingChange.UNCHANGED: "Unchanged",
}


def verdict(page: ReportDifference) -> str:
    """What became of how many, in one sentence."""
    numbers = {change: len(page.of(change)) for change in FindingChange}
    counts = [f"{number:,} {change}" for change, number in numbers.items() if number]
    first = ", ".join(counts) if counts else "No findings in either report"
    return f"{first}: {_named(page.files[0])}{_of(page.older)}, then {_named(page.files[1])}{_of(page.newer)}."


def _named(file: str) -> str:
    return "stdin" if file == "-" else file


def _of(report: Report) -> str:
    return f" ({report.began:%Y-%m-%d %H:%M} UTC)" if report.began else ""


def remarks(page: ReportDifference) -> Iterator[str]:
    """What one must know to read it."""
    older, newer = page.older, page.newer
    here, there = (
        f"{one.database.name} on {one.database.host}" if one.database else "no database" for one in (older, newer)
    )
    if here != there:
        yield f"The first report is about {here}, and the second about {there}."
    if older.contract != newer.contract:
        yield f"The first report is by {older.contract}, and the second by {newer.contract}."
    if older.began and newer.began and older.began > newer.began:
        yield "The first report is younger than the second: the older one comes first."
    if older.selected != newer.selected:
        yield "The two calls left out different parts: what only one of them looked for is neither new nor gone."
    for name, report in zip(page.files, (older, newer), strict=True):
        if report.unchecked:
            parts = counted(len(report.unchecked), "part")
            which = "" if name == "-" else f": `sessionaudit report {shell_path(name)}` says which"
            yield f"In {_named(name)}, {parts} could not be checked{which}."


def about_what(finding: Finding, *, full: bool) -> str:
    """The object of a finding, and the part of it where the message is not printed, which tells it."""
    return f"{finding.ref} ({finding.facet})" if finding.facet and not full else str(finding.ref)


def changed(one: ChangedFinding) -> str:
    """How a finding was before, where it is worse, milder or changed; else ""."""
    before = one.before
    if before is None or one.change not in {FindingChange.WORSE, FindingChange.CHANGED, FindingChange.MILDER}:
        return ""
    if one.change is FindingChange.CHANGED:
        was, now = was_and_is(before.as_found, one.finding.as_found)
        return f"It was {was}, and is {now}."
    if before.severity != one.finding.severity:
        return f"It was {'an' if before.severity is Severity.ERROR else 'a'} {before.severity}."
    return f"It was {counted(before.rows, 'row')}, and is {counted(one.finding.rows, 'row')}."
