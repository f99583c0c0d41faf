"""Print a plan as a SQL script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.repair import script

if TYPE_CHECKING:
    from sessionaudit.report import Canvas
    from sessionaudit.report.formats.plan.content import PlanPage


def render(page: PlanPage, _canvas: Canvas) -> str:
    """Render a plan as SQL. Raises UsageError if one transaction cannot hold it."""
    proposal = page.proposal
    report = proposal.report
    title = f"Repair of the database {report.where.name} according to {report.contract}, made by sessionaudit repair."
    return script.render(
        proposal.plan,
        title=title,
        transactional=page.transactional,
        repairs=proposal.repairs,
        obstacles=[f"{what}. {help_}".rstrip() for what, help_ in proposal.preflight.refusals],
    )
