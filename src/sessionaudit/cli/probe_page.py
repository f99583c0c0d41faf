"""Prints the page of `sessionaudit probe`, with the commands to type next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.cli import check_run
from sessionaudit.core.printed_commands import CALLING
from sessionaudit.report.formats.probe.content import ProbePage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.audits.behaviour.journeys.session import ProbeReport
    from sessionaudit.cli.terminal.results import Printing
    from sessionaudit.core.finding import Severity


def ended(found: ProbeReport, printing: Printing, least: Severity | None) -> int:
    """Print what was found, say where that is, and return the exit code."""
    found = replace(found, report=check_run.completed(found.report, least))
    printing.print(ProbePage(found=found, next=tuple(_next(found))))
    if not printing.quiet:
        check_run.tell(found.report, printing.files)
    return check_run.code(found.report, least)


def _next(found: ProbeReport) -> Iterator[str]:
    if found.report.database is None:  # a private one, of which nothing is left
        return
    if any(finding.because for finding in found.report.findings):
        yield CALLING.line("repair")
    elif found.touched is None and found.journeys:
        yield CALLING.line("probe", "--execute", operands=CALLING.operands)
