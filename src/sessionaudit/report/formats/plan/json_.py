"""Print a plan and its result as one JSON object, as `schemas/plan.schema.json` describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.ref import dotted
from sessionaudit.core.visible import spelled_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.core.step import Step
    from sessionaudit.repair.apply import Record
    from sessionaudit.report import Canvas
    from sessionaudit.report.formats.plan.content import PlanPage

VERSION = 1


def render(page: PlanPage, _canvas: Canvas) -> str:
    """Render a plan as JSON; if it was applied, with the result, and the error that ended it, if any."""
    proposal, records = page.proposal, page.records
    plan, report = proposal.plan, proposal.report
    outcomes: Sequence[Record | None] = [None] * len(plan.steps) if records is None else records
    steps = plan.steps if records is None else [record.step for record in records]
    data: dict[str, Any] = {
        "version": VERSION,
        "database": {
            "name": report.where.name,
            "host": report.where.host,
            "server_version": report.where.server_version,
        },
        "contract": report.contract,
        "applied": records is not None,
        "steps": [
            {**_step(number, step), **(_outcome(record) if record else {})}
            for number, (step, record) in enumerate(zip(steps, outcomes, strict=True), start=1)
        ],
        "held": [{**_step(None, one.step), "reason": one.reason, "help": one.help} for one in plan.held],
        "uncured": [
            {
                "object": str(one.finding.ref),
                "rule": one.finding.rule.name,
                "message": one.finding.message,
                "help": one.help,
            }
            for one in plan.uncured
        ],
        "refusals": [{"what": what, "help": help_} for what, help_ in proposal.preflight.refusals],
        "rows": [
            {
                "object": str(rows.step.ref),
                "count": rows.total,
                "samples": list(rows.samples),
                "reason": rows.reason,
                "repair": rows.step.repair,
                "hazard": str(rows.hazard or ""),
            }
            for rows in proposal.preflight.rows
        ],
        "notes": list(proposal.preflight.notes),
        "skipped": [{"what": one.what, "reason": one.reason, "hint": one.hint} for one in report.unchecked],
        "left": list(page.left),
        "error": page.error,
    }
    return spelled_json(data) + "\n"


def _step(number: int | None, step: Step) -> dict[str, Any]:
    return {
        **({} if number is None else {"number": number}),
        "action": step.action,
        "object": str(step.ref),
        "sql": list(step.statements),
        "lock": str(step.lock),
        "tables": [dotted(path) for path in step.locks],
        "hazards": [str(hazard) for hazard in step.hazards],
        "concurrent": step.concurrent,
        "why": step.why,
    }


def _outcome(record: Record) -> dict[str, Any]:
    return {
        "outcome": str(record.outcome),
        "detail": record.detail,
        "seconds": round(record.seconds, 3),
        "rows": record.rows,
    }
