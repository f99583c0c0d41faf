"""The page of `sessionaudit probe`, with the commands to type next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.cli.terminal.canvas import canvas
from sessionaudit.cli.terminal.result import deliver
from sessionaudit.core.printed_commands import CALLING
from sessionaudit.report.formats.probe.content import ProbePage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sessionaudit.audits.behaviour.journeys.session import ProbeReport
    from sessionaudit.cli.options.formats import PageFormat


def print_page(found: ProbeReport, format_: PageFormat, output: Path | None, *, no_color: bool, verbose: bool) -> None:
    """Print it on stdout, or into a file."""
    sheet = canvas(no_color=no_color, verbose=verbose, output=output)
    page = ProbePage(found=found, next=tuple(_next(found)))
    deliver(format_.render(page, sheet), output, colour=sheet.colour)


def _next(found: ProbeReport) -> Iterator[str]:
    if found.report.database is None:  # a private one, of which nothing is left
        return
    if any(finding.because for finding in found.report.findings):
        yield CALLING.line("repair")
    elif found.touched is None and found.journeys:
        yield CALLING.line("probe", "--execute", operands=CALLING.operands)
