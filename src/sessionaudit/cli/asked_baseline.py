"""The baselines that a call names: one that is read, and one that is written."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.core.printed_commands import CALLING
from sessionaudit.core.visible import option_path

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.core.baseline import Baseline
    from sessionaudit.core.report import Report

OPTION = "--write-baseline"
_OF_A_PAGE = ("baseline", "format_", "output", "fail_on", "explain", "no_color", "quiet", "verbose", "accept", "flat")


class AskedBaseline(Struct, frozen=True):
    """The baseline that accepts findings, where the new one goes, and what stands there."""

    known: Baseline | None
    target: Path | None
    before: Baseline | None

    def judge(self, report: Report) -> Report:
        """The report, with what the baseline accepts aside."""
        if self.known is None:
            return report
        from sessionaudit.baseline.judging import judged_by

        words = (OPTION, option_path(self.known.file))
        again = CALLING.again(*words, instead={**dict.fromkeys(_OF_A_PAGE, ()), **_other()})
        return judged_by(report, self.known, again or " ".join(("sessionaudit check", *words)), today())


def _other() -> dict[str, tuple[str, ...]]:
    """The words for the database of --against, without its password."""
    words = CALLING.given.get("against", ())
    if CALLING.command != "check" or not words:
        return {}
    from sessionaudit.postgres.masking import public

    shown, withheld = public(words[-1])
    if withheld:
        CALLING.shorn = shown
    return {"against": (*words[:-1], shown)}


def today() -> dt.date:
    """The day by which entries end, as waivers do: that of UTC."""
    return dt.datetime.now(tz=dt.UTC).date()
