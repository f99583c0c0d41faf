"""What `sessionaudit report` does: it reads a saved report, and prints it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.cli import check_run
from sessionaudit.cli.options.asked_formats import of_checklist
from sessionaudit.errors import FileError, UsageError
from sessionaudit.report.saved import reading

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sessionaudit.cli.options.values import FailOn
    from sessionaudit.cli.terminal.results import Printing


def run(files: Sequence[Path], printing: Printing, fail_on: FailOn | None) -> int:
    """Print what was asked for, and return the exit code. Raises SessionAuditError."""
    if len(files) > 1:
        hint = f"To compare them: sessionaudit report diff {files[0]} {files[1]}."
        raise UsageError(f"one report is printed at a time, and {len(files)} are named", hint=hint)
    report = reading.read(files[0])
    if fail_on is not None:
        report = replace(report, failing=fail_on.least)
    checklist = of_checklist(printing.formats)
    if checklist and not report.checklist:
        raise UsageError(f"the report {files[0]} has no checklist, as its contract had none", hint="Omit the format.")
    try:
        printing.print(report, lambda: check_run.tell(report, printing.files))
    except RecursionError:
        raise FileError(f"the report {files[0]} cannot be printed: its causes form too long a chain") from None
    return check_run.code(report, report.failing, checklist=checklist)
