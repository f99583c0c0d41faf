"""What an update of a contract changes, as a unified diff, and what is said beside it."""

from __future__ import annotations

import re
from difflib import unified_diff
from functools import partial
from typing import TYPE_CHECKING

from sessionaudit.core.counting import counted
from sessionaudit.core.printed_commands import CALLING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.snapshot.updating import Updated

_MOST = 20  # findings, or files, that are listed
_BREAK = re.compile(r"\r\n|\n|\r")


def diff(updated: Updated) -> str:
    """The change, file by file; "" where there is none."""
    return "".join(map(partial(_of_file, updated), updated.changed))


def _of_file(updated: Updated, file: str) -> str:
    before, after = _BREAK.split(updated.before[file]), _BREAK.split(updated.after[file])
    return "".join(f"{line}\n" for line in unified_diff(before, after, file, file, lineterm=""))


def told(updated: Updated, file: str, *, written: bool) -> Iterator[str]:
    """Whether the file was changed, and what is still found."""
    if written:
        yield from (f"{one} was updated." for one in updated.changed[:_MOST])
        if len(updated.changed) > _MOST:
            yield f"{counted(len(updated.changed) - _MOST, 'more file')} were updated."
    elif not updated.changed:
        yield (
            f"{file} was not changed: nothing of what differs can be stated in it."
            if updated.left
            else f"{file} is as the database is: there is nothing to update."
        )
    yield from unstated(updated)
    if written:
        yield f"Next: {CALLING.line('check', instead={'contract': ('-c', file)}, without=('only',))}"


def unstated(updated: Updated) -> Iterator[str]:
    """What was to be taken over, and is found still."""
    if updated.left:
        yield f"warning: {counted(len(updated.left), 'finding')} cannot be stated in the contract and will be reported:"
        for finding in updated.left[:_MOST]:
            yield f"  {finding.severity} {finding.rule.code} {finding.rule.name}: {finding.message}"
        if len(updated.left) > _MOST:
            yield f"  … and {len(updated.left) - _MOST:,} more."
    if updated.needed:
        names = ", ".join(str(finding.ref) for finding in updated.needed[:_MOST])
        more = f" and {len(updated.needed) - _MOST:,} more" if len(updated.needed) > _MOST else ""
        yield f"The checklist needs {names}{more}, which stays in the contract: change what proves its sentences first."
