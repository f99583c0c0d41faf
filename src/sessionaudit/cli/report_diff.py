"""What `sessionaudit report diff` does: it prints what differs between two saved reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.cli.options.formats import PrintedFormat
from sessionaudit.core.difference import FindingChange, difference
from sessionaudit.errors import EXIT_CLEAN, EXIT_DATABASE, EXIT_FINDINGS, UsageError
from sessionaudit.report.formats.difference import FORMATS
from sessionaudit.report.saved import reading

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sessionaudit.cli.options.values import FailOn
    from sessionaudit.cli.terminal.results import Printing


def run(files: Sequence[Path], printing: Printing, fail_on: FailOn | None) -> int:
    """Print the difference, and return the exit code. Raises SessionAuditError."""
    if len(files) != 2:
        raise UsageError("report diff compares two reports", hint="sessionaudit report diff OLDER.json NEWER.json")
    formats = [_format(one) for one in printing.formats]
    older, newer = map(reading.read, files)
    failing = newer.failing if fail_on is None else fail_on.least
    page = difference(older, newer, (str(files[0]), str(files[1])), failing)
    printing._replace(formats=formats).print(page)
    if page.fails(FindingChange.NEW, FindingChange.WORSE):
        return EXIT_FINDINGS
    return EXIT_DATABASE if newer.unchecked or page.fails(FindingChange.UNSEEN) else EXIT_CLEAN


def _format(asked: PrintedFormat) -> PrintedFormat:
    """The format of the same name, of differences. Raises UsageError."""
    found = next((one for one in FORMATS if one.name == asked.format.name), None)
    if found is None:
        known = ", ".join(one.name for one in FORMATS)
        raise UsageError(f"report diff has no format {asked.format}", hint=f"It has {known}.")
    return PrintedFormat(found, asked.file)
