"""What `snapshot` says beside the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.counting import counted
from sessionaudit.core.printed_commands import CALLING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.snapshot.session import Made

_MOST = 20  # findings that are listed


def told(made: Made, file: str) -> Iterator[str]:
    """What was written, what could not be, and what is accepted because it is so today."""
    snapshot = made.snapshot
    if file:
        number = sum(map(len, snapshot.actual.objects.values()))
        yield f"{counted(number, 'object')} of {snapshot.database} written to {file}"
    for ref in snapshot.unwritten:
        yield f"warning: a contract cannot state {ref}; it was left out."
    for one in snapshot.skipped:
        yield f"warning: {one.what} could not be read: {one.reason}."
        yield f"hint: {one.hint}"
    if made.waived:
        findings = counted(len(made.waived), "finding")
        yield f"warning: check would report {findings} on the database as it is. The contract has a waiver for each:"
        for finding in made.waived[:_MOST]:
            yield f"  {finding.severity} {finding.rule.code} {finding.rule.name}: {finding.message}"
        if len(made.waived) > _MOST:
            yield f"  … and {len(made.waived) - _MOST:,} more, under `waivers:`."
    if file:
        yield f"Next: {CALLING.line('check', instead={'contract': ('-c', file)})}"
