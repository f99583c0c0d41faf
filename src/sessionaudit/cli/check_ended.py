"""How an examination ends: its report is printed, or what it found becomes a baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.cli import check_run
from sessionaudit.cli.asked_baseline import OPTION, today
from sessionaudit.cli.terminal.messages import say
from sessionaudit.errors import EXIT_CLEAN, EXIT_DATABASE

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.cli.asked_baseline import AskedBaseline
    from sessionaudit.cli.terminal.results import Printing
    from sessionaudit.core.report import Report


def ended(report: Report, printing: Printing, known: AskedBaseline, *, checklist: bool = False) -> int:
    """Print a report, or write the baseline of it, and return the exit code. Raises UsageError."""
    if known.target is not None:
        return _written(report, known, known.target, quiet=printing.quiet)
    printing.print(report)
    if not printing.quiet:
        check_run.tell(report, printing.files)
    return check_run.code(report, report.failing, checklist=checklist)


def _written(report: Report, known: AskedBaseline, target: Path, *, quiet: bool) -> int:
    from sessionaudit.baseline import writing
    from sessionaudit.report import baseline_sentences
    from sessionaudit.writing import replace_file

    made = writing.written(report, known.before, today())
    replace_file(target, made.text, OPTION)
    for sentence in () if quiet else baseline_sentences.of_written(made, target, report):
        say(sentence)
    return EXIT_DATABASE if report.unchecked else EXIT_CLEAN
