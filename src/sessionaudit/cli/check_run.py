"""What becomes of a report: what the call adds to it, what is said beside it, and the exit code."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.cli.terminal.messages import say
from sessionaudit.core.checklist import PointState
from sessionaudit.core.counting import counted
from sessionaudit.core.printed_commands import CALLING
from sessionaudit.errors import EXIT_CLEAN, EXIT_DATABASE, EXIT_FINDINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sessionaudit.core.finding import Severity
    from sessionaudit.core.report import Report


def judging(judge: Callable[[Report], Report], least: Severity | None) -> Callable[[Report], Report]:
    """What makes of a report what `judge` makes of it, completed."""
    return lambda report: completed(judge(report), least)


def completed(report: Report, least: Severity | None) -> Report:
    """The report, with what the call adds: when it began, how long it took, and from which severity on it fails."""
    again = CALLING.line("check") if report.checklist else ""
    report = replace(report, failing=least, again=again, remarks=(*report.remarks, *CALLING.narrowing))
    if CALLING.began is None:
        return report
    seconds = (dt.datetime.now(tz=dt.UTC) - CALLING.began).total_seconds()
    return replace(report, began=CALLING.began, seconds=seconds)


def tell(report: Report, files: Sequence[Path]) -> None:
    """Say on stderr what is no finding, and where the report is."""
    where = ", ".join(map(str, files))
    written = [f"{counted(len(report.findings), 'finding')}, written to {where}"] if files else []
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
