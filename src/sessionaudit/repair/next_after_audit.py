"""Suggest commands after an audit: only those that repair some of the findings, and what is left for a person."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.audits import AUDITS, evaluation, runner
from sessionaudit.audits.audit import Options
from sessionaudit.audits.causes import linked
from sessionaudit.audits.selection import Selection, judged
from sessionaudit.core.finding import Severity
from sessionaudit.core.printed_commands import CALLING, PARTS
from sessionaudit.core.report import after_correcting, read_on
from sessionaudit.errors import SessionAuditError
from sessionaudit.kinds import KINDS
from sessionaudit.rulebook import REFUSED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from sessionaudit.audits.evaluation import Examination
    from sessionaudit.core.finding import Finding
    from sessionaudit.core.report import ManualStep, Report
    from sessionaudit.postgres.connection import Url
    from sessionaudit.steps.cured import World


_ON_OTHERS = frozenset(kind.name for kind in KINDS if kind.within)


def advised(examination: Examination) -> Report:
    """Return the report with the suggested commands, if any, and with what no command does."""
    report = examination.report
    unfit = any(outcome.unfit for outcome in report.outcomes)
    if not report.findings and not unfit:
        return report
    advice = _Advice(examination, unfit=unfit)
    return replace(report, next=tuple(dict.fromkeys(advice.commands())), by_hand=tuple(advice.by_hand()))


def advised_of(report: Report, url: Url, contract: Path, timeout: float) -> Report:
    """Return the report of one audit alone with what helps, for which the schema is audited too.

    `timeout` is in seconds. Without an audit of the schema nothing is known to help, and the report stands as it is.
    """
    options = Options(without=AUDITS[1:], statement_timeout=timeout)
    try:
        schema = runner.examine(url, contract, options)
    except SessionAuditError:
        return report
    return advised_beside(report, schema)


def advised_beside(report: Report, schema: Examination) -> Report:
    """Return the report of one audit alone with what helps, by the examination of the schema beside it."""
    own = report.findings
    part = Selection(only=tuple({one.audit for one in own}), ignore=(), schema=schema.contract.schema)
    return advised(replace(schema, report=report, selection=part, found=(*schema.found, *own)))


class _Advice:
    """What helps with the findings of an examination.

    A finding is helped by what helps with all that it follows from; the options may have left that out.
    """

    def __init__(self, examination: Examination, *, unfit: bool) -> None:
        self._examination, self._unfit = examination, unfit
        every = _linked(examination)
        self._by_name = {one.fingerprint: one for one in every}
        self._findings = tuple(self._by_name.get(one.fingerprint, one) for one in examination.report.findings)
        self._reported = {one.fingerprint for one in self._findings}
        self._fit = {ref for outcome in examination.report.outcomes for ref in outcome.backfillable}
        self._commanding = {audit.name for audit in evaluation.audits() if audit.command}
        self._world: World | None = None
        self._known: dict[int, bool] = {}

    def commands(self) -> Iterator[str]:
        """Return the commands in the order in which they are to be typed.

        Migrations are corrected first, as a corrected one may be what repairs the schema; then schema, rows and code.
        """
        yield from self._of_audits(first=True)
        # A missing object can be created; for other findings the cures must be asked, which are slow to load.
        if any(map(self._is_lacking, self._findings)) or any(map(self._has_cure, self._findings)):
            yield CALLING.line("repair")
        causes = (root for finding in self._findings for root in self._roots(finding))
        if self._unfit or any(one.fingerprint not in self._reported and self._has_cure(one) for one in causes):
            yield CALLING.line("repair", without=PARTS)  # for any selection
        yield from self._backfills()
        yield from self._of_audits(first=False)

    def by_hand(self) -> Iterator[ManualStep]:
        """Return what to read about what fails the call, and what no command helps with."""
        called = {audit.name for audit in evaluation.audits() if audit.command == CALLING.command}
        own = (one for one in self._findings if one.audit in called and one.severity > Severity.NOTE and _is_own(one))
        if first := next(own, None):
            yield from after_correcting(first)
        least = self._examination.report.failing or Severity.ERROR
        grave = (finding for finding in self._findings if finding.severity >= least and not self._is_helped(finding))
        roots = (root for finding in grave for root in self._roots(finding) if not self._is_helped(root))
        yield from read_on(one.rule for root in roots for one in self._unmended(root))

    def _unmended(self, finding: Finding) -> Iterable[Finding]:
        """Return what a person mends: a finding; or what keeps its rows from being repaired, and no command mends."""
        names = [
            name for outcome in self._examination.report.outcomes for name in outcome.hindered.get(finding.ref, ())
        ]
        hindering = [one for one in self._examination.found if one.fingerprint in names]
        return [one for one in hindering if not self._is_helped(one)] if hindering else (finding,)

    def _roots(self, finding: Finding) -> Iterator[Finding]:
        """Return what a finding follows from in the end: itself, where it follows from nothing."""
        waiting, seen = [finding], set[str]()
        while waiting:
            one = waiting.pop()
            one = self._by_name.get(one.fingerprint, one)
            if one.fingerprint not in seen:
                seen.add(one.fingerprint)
                waiting += one.because
                if not one.because:
                    yield one

    def _is_helped(self, finding: Finding) -> bool:
        """Whether a command is about the finding itself; of a refused definition, only the refusal is to be told."""
        if finding.audit in self._commanding:
            return _is_own(finding)
        refused = finding.rule is not REFUSED and finding.ref in self._examination.refused
        return refused or finding.ref in self._fit or self._has_cure(finding)

    def _backfills(self) -> Iterator[str]:
        report, invariants = self._examination.report, self._examination.contract.invariants
        broken = {finding.ref: finding.severity for finding in self._findings if not finding.facet}
        # A dry run shows whether a repair of rows succeeds.
        found = [one for one in invariants if one.ref in broken.keys() & self._fit]
        names = [one.name for one in sorted(found, key=lambda one: -broken[one.ref])]
        whole = all(one.ref in self._fit for one in invariants if one.repair is not None)
        if names and not report.filtered and whole:
            yield CALLING.line("backfill", "--all", "--dry-run")
            return
        for name in names:
            yield CALLING.line("backfill", "--all", "--dry-run", "--invariant", name, without=PARTS)

    def _of_audits(self, *, first: bool) -> Iterator[str]:
        """Return the commands of audits that found what follows from nothing that another found."""
        own = {one.audit for one in self._findings if one.severity > Severity.NOTE and _is_own(one)}
        for audit in evaluation.audits():
            of_another = audit.command and audit.command != CALLING.command
            if of_another and audit.name in own and audit.comes_first is first:
                yield CALLING.line(audit.command)

    def _has_cure(self, finding: Finding) -> bool:
        """Whether a repair has a step for a finding; one named by `--only` counts even if a repair needs that."""
        if id(finding) not in self._known:
            self._known[id(finding)] = self._is_curable(finding)
        return self._known[id(finding)]

    def _is_curable(self, finding: Finding) -> bool:
        asked = self._examination.selection.names_itself(finding)
        if self._is_lacking(finding):
            return True
        if finding.subject is None or not (finding.severity > Severity.NOTE or asked):
            return False
        from sessionaudit.steps import cured  # noqa: PLC0415 - loads the cures

        examination = self._examination
        if self._world is None:
            self._world = cured.World.of(examination.contract, examination.actual)
        cures = cured.cures(finding, self._world, examination.refused)
        return bool(cures) and (asked or not cured.unasked(finding))

    def _is_lacking(self, finding: Finding) -> bool:
        """Whether the object of a finding is missing, on another object, so that it can be created."""
        grave = finding.severity > Severity.NOTE or self._examination.selection.names_itself(finding)
        can_be_made = finding.ref.kind in _ON_OTHERS and finding.ref not in self._examination.refused
        return grave and can_be_made and _is_missing(finding)


def _linked(examination: Examination) -> Iterable[Finding]:
    """Return the findings of the report, each with its causes, also with those that the options left out."""
    if examination.selection.everything:
        return examination.report.findings
    contract = examination.contract
    everything = Selection(only=(), ignore=(), schema=contract.schema)
    every, _ = judged(examination.found, contract, everything, dt.datetime.now(tz=dt.UTC).date())
    return linked(every).findings


def _is_own(finding: Finding) -> bool:
    """Whether a finding follows from nothing that another audit found."""
    return all(cause.audit == finding.audit for cause in finding.because)


def _is_missing(finding: Finding) -> bool:
    subject = finding.subject
    return subject is not None and not finding.facet and subject.expected is not None and subject.actual is None
