"""Hold a report against a baseline: what it accepts does not count, unless that changed or its day has passed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.baseline.knowing import was_looked_for
from sessionaudit.core.baseline import plain_message
from sessionaudit.core.changed_text import was_and_is
from sessionaudit.core.counting import counted
from sessionaudit.core.finding import Severity
from sessionaudit.core.pairing import paired
from sessionaudit.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from sessionaudit.core.baseline import Baseline, BaselineEntry
    from sessionaudit.core.finding import Finding
    from sessionaudit.core.report import Report

_MOST_NAMED = 3
Pair = tuple["Finding", "BaselineEntry"]


def judged_by(report: Report, baseline: Baseline, renewal: str, today: date) -> Report:
    """Return the report without the findings that a baseline accepts, which it has aside, and with what is to be said.

    `renewal` is the command that writes the baseline anew. A finding of which it is not certain that there is
    something stays, as it is a part that was not checked. Raises FileError for an entry that says that it is about
    something else than what its fingerprint accepts.
    """
    alike = [replace(finding, message=plain_message(finding.message)) for finding in report.findings]
    pairs, left = paired(baseline.entries, alike)
    accepted: list[Pair] = []
    worse: list[Pair] = []
    over: list[BaselineEntry] = []
    counting: list[Finding] = []
    for finding, (_, entry) in zip(report.findings, pairs, strict=True):
        if entry is not None and not entry.is_of(finding):
            raise _other(entry, finding)
        if entry is None or finding.barred:
            counting.append(finding)
        elif entry.is_over(today):
            over.append(entry)
            counting.append(finding)
        elif entry.is_worse(finding) or entry.is_changed(finding):
            worse.append((finding, entry))
            counting.append(finding)
        else:
            accepted.append((finding, entry))
    _, left = paired(left, [finding for finding, _ in report.waived])  # still there: a waiver accepts them, too
    gone = [one for one in left if was_looked_for(one, baseline, report)]
    met = len(baseline.entries) - len(left)
    untold = sum(entry.actual is None and bool(finding.as_found) for finding, entry in accepted)
    said = (*_said(baseline, worse, over, gone, renewal, any_met=bool(met)), *_untold(baseline, untold, renewal))
    return replace(report, findings=tuple(counting), accepted=tuple(accepted), remarks=(*report.remarks, *said))


def _said(
    baseline: Baseline,
    worse: Sequence[Pair],
    over: Sequence[BaselineEntry],
    gone: Sequence[BaselineEntry],
    renewal: str,
    *,
    any_met: bool,
) -> Iterator[str]:
    for finding, entry in worse[:_MOST_NAMED]:
        if finding.severity > entry.severity:
            was, now = (f"{'an' if one is Severity.ERROR else 'a'} {one}" for one in (entry.severity, finding.severity))
        elif finding.rows > entry.rows:
            was, now = counted(entry.rows, "row"), f"{finding.rows:,}"
        else:
            was, now = was_and_is(entry.as_found, finding.as_found)
        yield f"{baseline.file} accepts {entry.headline} as {was}: it is {now} now, and counts"
    if more := worse[_MOST_NAMED:]:
        yield f"{len(more)} more of what {baseline.file} accepts changed, and {'counts' if len(more) == 1 else 'count'}"
    if over:
        named = _named([f"{one.headline}, until {one.until} (line {one.location.line})" for one in over])
        yield f"of {baseline.file}, {counted(len(over), 'entry')} ended, and what they accepted counts again: {named}"
    if gone and not any_met and len(gone) == len(baseline.entries):
        made = f"the contract {baseline.contract}" if baseline.contract else "another contract"
        made += f" and the database {baseline.database}" if baseline.database else ""
        yield f"nothing of {baseline.file} is found here: it was written for {made}. To write it anew: `{renewal}`"
    elif gone:
        named = _named([one.headline for one in gone])
        are = "is" if len(gone) == 1 else "are"
        yield (
            f"of {baseline.file}, {counted(len(gone), 'entry')} {are} no longer found: {named}. "
            f"To take out what is gone: `{renewal}`"
        )


def _untold(baseline: Baseline, number: int, renewal: str) -> Iterator[str]:
    if number:
        how = "how it was" if number == 1 else "how they were"
        changed = "whether it changed" if number == 1 else "whether they changed"
        yield (
            f"of {baseline.file}, {counted(number, 'entry')} without “actual” cannot say {how}, so {changed} is not "
            f"known. To write it anew: `{renewal}`"
        )


def _other(entry: BaselineEntry, finding: Finding) -> FileError:
    """The error for an entry that was changed by hand: people would accept what they do not see."""
    own = f"{finding.rule.code} {finding.rule.name} of {finding.ref} (audit {finding.audit})"
    return FileError(
        f"the entry says {entry.headline} (audit {entry.audit}), and its fingerprint accepts {own}",
        location=entry.location,
        hint="Write the entry as it was, or take it out.",
    )


def _named(texts: Sequence[str]) -> str:
    more = len(texts) - _MOST_NAMED
    return ", ".join(texts[:_MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")
