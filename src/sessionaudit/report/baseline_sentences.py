"""What is said when a baseline was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.counting import counted
from sessionaudit.report.told import sentences, unchecked_parts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sessionaudit.baseline.writing import WrittenBaseline
    from sessionaudit.core.report import Report

_MOST_NAMED = 3


def _counts(written: WrittenBaseline) -> tuple[tuple[int, str], ...]:
    return (written.new, "new"), (written.changed, "changed"), (written.gone, "gone")


def of_written(written: WrittenBaseline, file: Path, report: Report) -> Iterator[str]:
    """What the file has, what of it is new or gone, and what it does not accept."""
    parts = [f"{number:,} {word}" for number, word in _counts(written) if number]
    parts += [f"{written.kept:,} kept, as this call did not look for them"] if written.kept else []
    yield f"{counted(written.total, 'finding')} written to {file}" + (f" ({'; '.join(parts)})" if parts else "")
    if written.over:
        named = ", ".join(f"{one.headline} until {one.until}" for one in written.over[:_MOST_NAMED])
        more = f" and {len(written.over) - _MOST_NAMED:,} more" if len(written.over) > _MOST_NAMED else ""
        over = counted(len(written.over), "entry")
        yield f"warning: {over} ended, and what they accepted counts: {named}{more}. Change or take out the dates."
    if written.perhaps:
        yield f"warning: {counted(written.perhaps, 'finding')} left out, as it is not certain that there is something."
    for what, reason, hint in unchecked_parts(report.unchecked):
        yield f"warning: not checked, and so not in the baseline: {sentences(f'{what}: {reason}', hint)}"
