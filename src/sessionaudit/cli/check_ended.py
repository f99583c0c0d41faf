"""How an examination ends: its report is printed, or what it found becomes a baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.cli import check_run
from sessionaudit.cli.asked_baseline import OPTION, AskedBaseline, today
from sessionaudit.cli.terminal.messages import say
from sessionaudit.errors import EXIT_CLEAN, EXIT_DATABASE, FileError
from sessionaudit.writing import replace_file, require_writable, stream_of

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.cli.terminal.results import Printing
    from sessionaudit.core.report import Report


def known(file: Path | None, target: Path | None) -> AskedBaseline:
    """Read the baselines of a call: the one of --baseline, and what stands where --write-baseline writes.

    Raises FileError, also if a file of another sort would be replaced, and UsageError.
    """
    if file is None and target is None:
        return AskedBaseline(None, None, None)
    from sessionaudit.baseline import reading

    require_writable(target, OPTION)
    there = target is not None and stream_of(target) is None and target.is_file() and target.stat().st_size
    try:
        before = reading.read(target) if target and there else None
    except FileError as error:
        error.hint = f"{OPTION} replaces only a baseline: name another file."
        raise
    known = reading.read(file) if file and not target else None  # a default has no effect where one is written
    return AskedBaseline(known, target, before)


def ended(report: Report, printing: Printing, asked: AskedBaseline, *, checklist: bool = False) -> int:
    """Print a report, or write the baseline of it, and return the exit code. Raises UsageError."""
    if asked.target is not None:
        return write(report, asked, asked.target, quiet=printing.quiet)
    printing.print(report, lambda: check_run.tell(report, printing.files))
    return check_run.code(report, report.failing, checklist=checklist)


def write(report: Report, asked: AskedBaseline, target: Path, *, quiet: bool) -> int:
    """Write the baseline of a report, and return the exit code. Raises UsageError."""
    from sessionaudit.baseline import writing
    from sessionaudit.report import baseline_sentences

    made = writing.written(report, asked.before, today())
    replace_file(target, made.text, OPTION)
    for sentence in () if quiet else baseline_sentences.of_written(made, target, report):
        say(sentence)
    return EXIT_DATABASE if report.unchecked else EXIT_CLEAN
