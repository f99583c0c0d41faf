"""What to type next, after a look at migrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.migrations.rules import NOT_THERE, REJECTED
from sessionaudit.core.printed_commands import CALLING, PARTS

if TYPE_CHECKING:
    from sessionaudit.audits.migrations.session import MigrationsReport


def next_commands(found: MigrationsReport) -> tuple[str, ...]:
    """Return the commands: look at a rejected file alone; have `repair` make what the contract names."""
    rules = {finding.rule for finding in found.report.findings}
    lines: list[str] = []
    rejected = [one.file for one in found.migrations if any(finding.rule is REJECTED for finding in one.findings)]
    if REJECTED in rules and rejected and not found.detailed:
        lines.append(CALLING.again("--file", rejected[0]))
    if NOT_THERE in rules and found.names_objects:
        lines.append(CALLING.line("repair", without=PARTS))
    return tuple(line for line in lines if line)
