"""What `sessionaudit report diff` does: it prints what differs between two saved reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.difference import FAILING, FindingChange, difference
from sessionaudit.errors import EXIT_CLEAN, EXIT_DATABASE, EXIT_FINDINGS
from sessionaudit.report.saved import reading

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.cli.options.values import FailOn
    from sessionaudit.cli.terminal.results import Printing


def run(older_file: Path, newer_file: Path, printing: Printing, fail_on: FailOn | None) -> int:
    """Print the difference, and return the exit code. Raises SessionAuditError."""
    older, newer = reading.read(older_file), reading.read(newer_file)
    failing = newer.failing if fail_on is None else fail_on.least
    page = difference(older, newer, (str(older_file), str(newer_file)), failing)
    printing.print(page)
    if page.fails(*FAILING):
        return EXIT_FINDINGS
    unknown = newer.unchecked or page.of(FindingChange.UNKNOWN) or page.fails(FindingChange.UNSEEN)
    return EXIT_DATABASE if unknown else EXIT_CLEAN
