"""The baselines that a call names: one that is read, and one that is written."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.baseline import reading
from sessionaudit.baseline.judging import judged_by
from sessionaudit.core.printed_commands import CALLING
from sessionaudit.core.visible import option_path
from sessionaudit.writing import require_writable, stream_of

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.core.baseline import Baseline
    from sessionaudit.core.report import Report

OPTION = "--write-baseline"
_OF_A_PAGE = ("baseline", "format_", "output", "fail_on", "explain", "no_color", "quiet", "verbose", "accept")


class AskedBaseline(NamedTuple):
    """The baseline that accepts findings, where the new one goes, and what stands there."""

    known: Baseline | None
    target: Path | None
    before: Baseline | None

    @classmethod
    def of(cls, file: Path | None, target: Path | None) -> AskedBaseline:
        """Read what a call names. Raises FileError, also if another file would be replaced, and UsageError."""
        require_writable(target, OPTION)
        there = target is not None and stream_of(target) is None and target.is_file() and target.stat().st_size
        before = reading.read(target) if target and there else None
        return cls(reading.read(file) if file else None, target, before)

    def judge(self, report: Report) -> Report:
        """The report, with what the baseline accepts aside."""
        if self.known is None:
            return report
        words = (OPTION, option_path(self.known.file))
        again = CALLING.again(*words, instead=dict.fromkeys(_OF_A_PAGE, ()))
        return judged_by(report, self.known, again or " ".join(("sessionaudit check", *words)), today())


def today() -> dt.date:
    """The day by which entries end, as waivers do: that of UTC."""
    return dt.datetime.now(tz=dt.UTC).date()
