"""The page of `sessionaudit probe`, with the commands to type next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.printed_commands import CALLING
from sessionaudit.report.formats.probe.content import ProbePage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.audits.behaviour.journeys.session import ProbeReport


def made(found: ProbeReport) -> ProbePage:
    """Return what is printed of a report."""
    return ProbePage(found=found, next=tuple(_next(found)))


def _next(found: ProbeReport) -> Iterator[str]:
    if found.report.database is None:  # a private one, of which nothing is left
        return
    if any(finding.because for finding in found.report.findings):
        yield CALLING.line("repair")
    elif found.touched is None and found.journeys:
        yield CALLING.line("probe", "--execute", operands=CALLING.operands)
