"""What the formats for programs tell alike: a finding as text, its identity, and what was not looked at."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.core.counting import counted, plural
from sessionaudit.core.finding import Location, Severity
from sessionaudit.core.report import STANDARD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sessionaudit.core.baseline import BaselineEntry
    from sessionaudit.core.finding import Finding, Skipped, Waiver
    from sessionaudit.core.report import Report


class ReportRemark(Struct, frozen=True):
    """What a report says beside its findings: in a few words what it is about, of what, and the sentences."""

    code: str
    severity: Severity
    what: str
    text: str


FEW_PARTS = 4  # of which nothing can be known for one reason, and which are named
_NO_NOUNS = frozenset(("of", "the", "what", "whether", "which"))  # with which a part may begin
_ENDS = (".", "!", "?", ";", "…")
NOT_CHECKED, NOT_KNOWN, EXCLUDED, NOTED = "not-checked", "not-known", "excluded", "remark"
CODES = {
    NOT_CHECKED: "A part that was asked for could not be checked: nothing is known of it.",
    NOT_KNOWN: "It was looked at, and nothing can be known of it.",
    EXCLUDED: "The options of the call left it out.",
    NOTED: "A remark on how the audit was done.",
}


def remarks(report: Report) -> Iterator[ReportRemark]:
    """What was not looked at, and why; then how it was looked at."""
    for what, reason, hint in unchecked_parts(report.unchecked):
        yield ReportRemark(NOT_CHECKED, Severity.WARNING, what, sentences(f"{what}: {reason}", hint))
    for parts, reason, hint in unknown_parts(report.undecided):
        text = sentences(f"not known of {few_parts(parts)}: {reason}", hint)
        yield ReportRemark(NOT_KNOWN, Severity.NOTE, reason, text)
    for noun, number in report.left_out.items():
        yield ReportRemark(EXCLUDED, Severity.NOTE, noun, f"The options left out {counted(number, noun)}.")
    if report.filtered:
        yield ReportRemark(EXCLUDED, Severity.NOTE, "", "Some rules or objects were excluded by --only or --ignore.")
    for note in report.notes:
        yield ReportRemark(NOTED, Severity.NOTE, "", sentences(note))


def unchecked_parts(unchecked: Iterable[Skipped]) -> Iterator[tuple[str, str, str]]:
    """What could not be checked, each with the reason and what would help; what has one reason is told together."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for one in unchecked:
        reasons.setdefault((one.reason, one.hint), []).append(one.what)
    for (reason, hint), parts in reasons.items():
        yield listed_parts(parts), reason, hint


def unknown_parts(undecided: Iterable[Skipped]) -> list[tuple[list[str], str, str]]:
    """Of what nothing can be known, with the reason and what would help: the reason of most parts comes first."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for one in undecided:
        reasons.setdefault((one.reason, one.hint), []).append(one.what)
    return sorted(((parts, *reason) for reason, parts in reasons.items()), key=lambda known: -len(known[0]))


def few_parts(parts: Sequence[str]) -> str:
    """List several parts; of many the first, and how many more there are."""
    rest = f" and {len(parts) - FEW_PARTS:,} more" if len(parts) > FEW_PARTS else ""
    return f"{listed_parts(parts[:FEW_PARTS])}{rest}"


def listed_parts(parts: Sequence[str]) -> str:
    """List several parts; if all are of the same kind, name the kind once: “invariants a, b”."""
    words = {part.partition(" ")[0] for part in parts}
    if len(parts) == 1 or len(words) > 1 or words & _NO_NOUNS or not all(" " in part for part in parts):
        return ", ".join(parts)
    return f"{plural(words.pop())} {', '.join(part.partition(' ')[2] for part in parts)}"


def sentences(start: str, hint: str = "") -> str:
    """A text as a sentence, and a hint after it, which may be a command or SQL and so stays as it is."""
    ended = start[:1].upper() + start[1:] + ("" if start.endswith(_ENDS) else ".")
    return f"{ended} {hint}" if hint else ended


def sides(finding: Finding) -> Iterator[tuple[str, str]]:
    """What is expected, and what is there, as far as there is something."""
    for name, value in (("expected", finding.expected), ("actual", finding.actual)):
        if value is not None:
            yield name, value


def places_of(finding: Finding, report: Report) -> tuple[Location, ...]:
    """The places in files to which a finding belongs, named from the current directory.

    One without a place of its own belongs to the contract, as tools show nothing without. There is none if a database
    stands in place of the contract.
    """
    own = finding.locations if _has_files(report) else ()
    contract = contract_place(report)
    if not own:
        return (contract,) if contract else ()
    directory = next((one.directory for one in report.outcomes if one.audit == finding.audit), "")
    if not directory:
        return own
    # As text: pathlib would follow links to take away “..”.
    joined = [os.path.join(directory, place.file) for place in own]  # noqa: PTH118 - as said above
    return tuple(place._replace(file=os.path.normpath(file)) for place, file in zip(own, joined, strict=True))


def place_of(finding: Finding, report: Report) -> Location | None:
    """The first of those places."""
    return next(iter(places_of(finding, report)), None)


def contract_place(report: Report) -> Location | None:
    """The first line of the contract, if it is a file."""
    return Location(report.contract, 1) if report.contract and _has_files(report) else None


def _has_files(report: Report) -> bool:
    return report.standard == STANDARD


def headline(finding: Finding) -> str:
    """The rule and the object of a finding."""
    return f"{finding.rule.code} {finding.rule.name} of {finding.ref}"


def causes_of(finding: Finding, report: Report) -> dict[str, Location | None]:
    """The causes of a finding as headlines, each with its place; those of one rule on one object are one."""
    return {headline(cause): place_of(cause, report) for cause in finding.because}


def lines_of(finding: Finding, report: Report) -> Iterator[str]:
    """A finding as lines: the message, both sides, and the causes."""
    yield finding.message
    for name, value in sides(finding):
        yield f"{name}: {value}"
    for cause, place in causes_of(finding, report).items():
        yield f"cause: {cause}" + (f", {place}" if place else "")


def waived_until(waiver: Waiver) -> str:
    """Why a finding is accepted, by whom, and until when."""
    owner = f", {waiver.owner}" if waiver.owner else ""
    return f"{waiver.reason} (until {waiver.until}{owner})"


def accepted_in(entry: BaselineEntry) -> str:
    """Where a baseline accepts a finding, why, and until when."""
    reason = f": {entry.reason}" if entry.reason else ""
    until = f" (until {entry.until})" if entry.until else ""
    return f"accepted by {entry.location._replace(column=0)}{reason}{until}"


def identities(findings: Sequence[Finding]) -> list[str]:
    """A fingerprint for each finding; the second of those that share one is numbered, as tools drop what they know."""
    seen: Counter[str] = Counter()
    identified: list[str] = []
    for finding in findings:
        seen[finding.fingerprint] += 1
        number = seen[finding.fingerprint]
        identified.append(finding.fingerprint if number == 1 else f"{finding.fingerprint}-{number}")
    return identified
