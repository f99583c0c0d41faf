"""Write a baseline: sorted, a line for each fact, and without what differs from call to call."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from sessionaudit import __version__
from sessionaudit.baseline.knowing import was_looked_for
from sessionaudit.baseline.reading import VERSION
from sessionaudit.core.baseline import BaselineEntry, plain_message
from sessionaudit.core.finding import Location, encodable
from sessionaudit.core.node import flow, in_quotes
from sessionaudit.core.pairing import paired

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from sessionaudit.core.baseline import Baseline
    from sessionaudit.core.finding import Finding
    from sessionaudit.core.report import Report

_HEAD = """\
# Findings that were there when this file was written. `sessionaudit check --baseline FILE` fails for others only.
# An entry accepts a finding as it was: with another `actual` ('' where nothing was) it fails, and so with more `rows`.
# An entry may have `until: YYYY-MM-DD`, after which it counts again, and a `reason`: both stay when
# `sessionaudit check --write-baseline FILE` writes the file anew.
"""


class WrittenBaseline(NamedTuple):
    """The text of a baseline, and of its entries how many are new, changed, kept as nothing is known of them, and gone.

    `over` are those whose day has passed: they do not accept what is found. `perhaps` is how many findings are left
    out, as it is not certain that there is something.
    """

    text: str
    total: int
    new: int
    changed: int
    kept: int
    gone: int
    over: tuple[BaselineEntry, ...]
    perhaps: int


def written(report: Report, before: Baseline | None, today: date) -> WrittenBaseline:
    """Return the baseline of what a report counts; of the one `before`, what people wrote stays.

    So do its entries that this call did not look for.
    """
    certain = [_plain(finding) for finding in report.findings if not finding.barred]
    pairs, left = paired(before.entries if before else (), certain)
    kept = [entry for entry in left if not (before and was_looked_for(entry, before, report))]
    alike = before is None or not kept or before.options == report.selected
    entries = sorted([*(_entry(*one) for one in pairs), *kept], key=_order)
    return WrittenBaseline(
        text="".join(f"{line}\n" for line in _lines(report, entries, report.selected if alike else (), today)),
        total=len(entries),
        new=sum(one is None for _, one in pairs),
        changed=sum(one is not None and one.is_changed(finding) for finding, one in pairs),
        kept=len(kept),
        gone=len(left) - len(kept),
        over=tuple(one for one in entries if one.is_over(today)),
        perhaps=len(report.findings) - len(certain),
    )


def _plain(finding: Finding) -> Finding:
    return replace(finding, message=plain_message(finding.message))


def _entry(finding: Finding, before: BaselineEntry | None) -> BaselineEntry:
    return BaselineEntry(
        fingerprint=finding.fingerprint,
        rule=f"{finding.rule.code} {finding.rule.name}",
        audit=finding.audit,
        object=encodable(str(finding.ref)),
        severity=finding.severity,
        message=finding.message,
        facet=encodable(finding.facet),
        actual=finding.as_found,
        rows=finding.rows,
        reason=before.reason if before else "",
        until=before.until if before else None,
        location=Location("", 0),
    )


def _order(entry: BaselineEntry) -> tuple[str, str, str, str]:
    return entry.object, entry.rule, entry.fingerprint, entry.message


def _lines(report: Report, entries: Sequence[BaselineEntry], options: Sequence[str], today: date) -> Iterator[str]:
    yield from _HEAD.splitlines()
    yield f"version: {VERSION}"
    yield f"tool: {flow(f'sessionaudit {__version__}')}"
    yield f"date: {today.isoformat()}"
    yield f"contract: {flow(report.contract)}"
    if report.database:
        yield f"database: {flow(report.database.name)}"
    if options:
        yield f"options: {flow(list(options))}"
    yield "findings:" if entries else "findings: []"
    for one in entries:
        yield f"  - object: {flow(one.object)}"
        if one.facet:
            yield f"    facet: {flow(one.facet)}"
        yield f"    rule: {one.rule}"
        yield f"    severity: {one.severity}"
        yield f"    message: {flow(one.message)}"
        if one.actual is not None and (one.actual or not one.rows):
            yield f"    actual: {flow(one.actual)}"
        if one.rows:
            yield f"    rows: {one.rows}"
        if one.reason:
            yield f"    reason: {flow(one.reason)}"
        if one.until:
            yield f"    until: {one.until.isoformat()}"
        yield f"    audit: {one.audit}"
        yield f"    fingerprint: {in_quotes(one.fingerprint)}"
