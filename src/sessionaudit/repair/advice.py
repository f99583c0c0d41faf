"""Suggest commands after an audit: only those that repair some of the findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.audits.runner import audits
from sessionaudit.core.finding import Severity
from sessionaudit.core.printed_commands import CALLING, PARTS
from sessionaudit.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.audits.runner import Examination
    from sessionaudit.core.finding import Finding
    from sessionaudit.core.report import Report


_ON_OTHERS = frozenset(kind.name for kind in KINDS if kind.within)


def advised(examination: Examination) -> Report:
    """Return the report with the suggested commands, if any."""
    report = examination.report
    unfit = any(outcome.unfit for outcome in report.outcomes)
    return replace(report, next=_commands(examination, unfit=unfit)) if report.findings or unfit else report


def _commands(examination: Examination, *, unfit: bool) -> tuple[str, ...]:
    """Return the commands in the order in which they are to be typed.

    Migrations are corrected first, as a corrected one may be what repairs the schema; then schema, rows and code.
    """
    report, contract = examination.report, examination.contract
    lines = [*_of_audits(report, first=True), *([CALLING.line("repair")] if _has_cure(examination) else [])]
    if unfit:  # for any selection
        lines.append(CALLING.line("repair", without=PARTS))
    broken = {finding.ref for finding in report.findings if not finding.facet}
    fit = {ref for outcome in report.outcomes for ref in outcome.backfillable}
    # A dry run shows whether a repair of rows succeeds.
    names = [one.name for one in contract.invariants if one.ref in broken & fit]
    whole = all(one.ref in fit for one in contract.invariants if one.repair is not None)
    if names and not report.filtered and whole:
        lines.append(CALLING.line("backfill", "--all", "--dry-run"))
    elif names:
        lines += [CALLING.line("backfill", "--all", "--dry-run", "--invariant", name, without=PARTS) for name in names]
    return tuple(dict.fromkeys((*lines, *_of_audits(report, first=False))))


def _of_audits(report: Report, *, first: bool) -> Iterator[str]:
    """Return the commands of audits that found what follows from nothing that another found."""
    own = {
        finding.audit
        for finding in report.findings
        if finding.severity > Severity.NOTE and all(cause.audit == finding.audit for cause in finding.because)
    }
    for audit in audits():
        if audit.command and audit.name in own and audit.comes_first is first:
            yield CALLING.line(audit.command)


def _has_cure(examination: Examination) -> bool:
    """Whether a repair has a step for any finding; findings named by `--only` count even if a repair needs it."""
    asked = examination.selection.names_itself
    grave = [
        finding
        for finding in examination.report.findings
        if finding.subject is not None and (finding.severity > Severity.NOTE or asked(finding))
    ]
    # A missing object can be created; for other findings the cures must be asked, which are slow to load.
    if any(finding.ref.kind in _ON_OTHERS and _is_missing(finding) for finding in grave):
        return True
    if not grave:
        return False
    from sessionaudit.steps import cured  # noqa: PLC0415 - loads the cures

    world = cured.World.of(examination.contract, examination.actual)
    return any((asked(finding) or not cured.unasked(finding)) and cured.cures(finding, world) for finding in grave)


def _is_missing(finding: Finding) -> bool:
    subject = finding.subject
    return subject is not None and not finding.facet and subject.expected is not None and subject.actual is None
