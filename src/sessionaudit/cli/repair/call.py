"""How a call of `repair` wants the plan printed, kept or applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.writing import require_apart

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.core.finding import Severity
    from sessionaudit.postgres.connection import Url
    from sessionaudit.report.format import Format
    from sessionaudit.report.formats.plan.content import PlanPage


class Files(Struct, frozen=True, kw_only=True):
    """The files that a call names: for the result, for the plan, for the previous state, and for the log."""

    output: Path | None
    save_plan: Path | None
    plan: Path | None
    before: Path | None
    log: Path | None

    def require_apart(self) -> None:
        """Refuse options that name the same file. Raises UsageError."""
        require_apart(
            {"--output": self.output, "--save-plan": self.save_plan, "--before": self.before, "--log": self.log}
        )


class Shown(Struct, frozen=True, kw_only=True):
    """How the plan is printed, and how much is said."""

    format: Format[PlanPage]
    transactional: bool
    no_color: bool
    quiet: bool


class Call(Struct, frozen=True, kw_only=True):
    """A call; findings of the severity `fail_on` or above make the exit code 1."""

    url: Url
    contract: Path
    files: Files
    shown: Shown
    apply: bool
    yes: bool
    fail_on: Severity | None
