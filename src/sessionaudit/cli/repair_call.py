"""Define the options of `repair` except those about what to repair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.core.finding import Severity
    from sessionaudit.postgres.connection import Url
    from sessionaudit.report.format import Format
    from sessionaudit.report.formats.plan import PlanPage


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """How to print, save or apply the plan, from the command line."""

    url: Url
    contract: Path
    format: Format[PlanPage]
    output: Path | None
    transactional: bool
    apply: bool
    yes: bool
    save_plan: Path | None
    plan: Path | None
    fail_on: Severity | None
    before: Path | None
    log: Path | None
    no_color: bool
    quiet: bool
