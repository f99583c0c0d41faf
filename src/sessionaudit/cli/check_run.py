"""What `sessionaudit check` does: the audits run, and their report is printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.cli.terminal.canvas import canvas
from sessionaudit.cli.terminal.messages import say
from sessionaudit.cli.terminal.result import deliver
from sessionaudit.core.checklist import PointState
from sessionaudit.core.counting import counted
from sessionaudit.errors import EXIT_CLEAN, EXIT_DATABASE, EXIT_FINDINGS

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.cli.options.formats import PageFormat
    from sessionaudit.core.finding import Severity
    from sessionaudit.core.report import Report


def print_report(report: Report, format_: PageFormat, output: Path | None, *, no_color: bool, verbose: bool) -> None:
    """Print it on stdout, or into a file."""
    page = canvas(no_color=no_color, verbose=verbose, output=output)
    deliver(format_.render(report, page), output, colour=page.colour)


def tell(report: Report, output: Path | None) -> None:
    """Say on stderr what is no finding, and where the report is."""
    written = [f"{counted(len(report.findings), 'finding')}, written to {output}"] if output else []
    for line in (*(f"warning: {note}." for note in report.notes), *written):
        say(line)


def code(report: Report, least: Severity | None, *, checklist: bool = False) -> int:
    """The exit code; `least` is the severity from which on findings count.

    With `checklist` the call asks whether its sentences are true: one that is not counts as a finding, and one of which
    that is not known as a part that could not be checked.
    """
    states = {point.state for point in report.checklist} if checklist else set[PointState]()
    grave = least is not None and any(finding.severity >= least for finding in report.findings)
    if grave or (least is not None and PointState.FAILED in states):
        return EXIT_FINDINGS
    return EXIT_DATABASE if report.unchecked or PointState.UNCHECKED in states else EXIT_CLEAN
