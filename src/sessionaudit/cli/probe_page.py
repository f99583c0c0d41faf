"""Prints the page of `sessionaudit probe`, with what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.cli import check_run
from sessionaudit.core.finding import Severity
from sessionaudit.core.printed_commands import CALLING
from sessionaudit.core.report import read_on
from sessionaudit.report.formats.probe.content import ProbePage

if TYPE_CHECKING:
    from sessionaudit.audits.behaviour.journeys.session import ProbeReport
    from sessionaudit.cli.terminal.results import Printing
    from sessionaudit.core.report import Report


def ended(found: ProbeReport, printing: Printing, least: Severity | None) -> int:
    """Print what was found, and return the exit code; findings of the severity `least` or above fail the call."""
    report = _advised(found, check_run.completed(found.report, least))
    page = ProbePage(found=replace(found, report=report))
    printing.print(page, lambda: check_run.tell(report, printing.files))
    return check_run.code(report, least)


def _advised(found: ProbeReport, report: Report) -> Report:
    if report.database is None:  # a private one, of which nothing is left
        grave = (one for one in report.findings if one.severity >= (report.failing or Severity.ERROR))
        return replace(report, by_hand=tuple(read_on(one.rule for one in grave)))
    if report.findings:
        from sessionaudit.repair.next_after_audit import advised_beside

        report = advised_beside(report, found.schema)
    if found.touched is None and found.journeys and not any(one.because for one in report.findings):
        line = CALLING.line("probe", "--execute", operands=CALLING.operands)
        report = replace(report, next=(*report.next, line))
    return report
