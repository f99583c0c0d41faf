"""Print a diagnosis as one JSON object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.visible import spelled_json

if TYPE_CHECKING:
    from sessionaudit.doctor.diagnosis import ConnectionAttempt, Diagnosis, Symptom
    from sessionaudit.report import Canvas


def render(page: Diagnosis, canvas: Canvas) -> str:  # noqa: ARG001 - as all formats
    """Render the page; later versions may add keys, but never change or remove them."""
    where = page.database
    told = {
        "version": 1,
        "database": {"name": where.name, "host": where.host, "server_version": where.server_version, "user": where.user}
        if where
        else None,
        "commands": {name: {"ready": not number, "lacking": number} for name, number in page.lacks.items()}
        if where
        else {},
        "remarks": [_remark(one) for one in page.remarks],
        "attempts": [_attempt(one) for one in page.attempts],
        "defaults": [
            {"command": one.command, "option": one.option, "value": one.value, "place": one.place}
            for one in page.defaults
        ],
    }
    return spelled_json(told) + "\n"


def _remark(one: Symptom) -> dict[str, Any]:
    return {
        "topic": one.topic,
        "name": one.name,
        "weight": str(one.weight),
        "fact": one.fact,
        "consequence": one.consequence or None,
        "sql": list(one.sql),
        "commands": list(one.commands),
        "needed_by": list(one.needed_by),
    }


def _attempt(one: ConnectionAttempt) -> dict[str, Any]:
    return {
        "host": one.host,
        "port": one.port,
        "reached": one.reached,
        "message": one.message or None,
        "hint": one.hint or None,
        "commands": list(one.commands),
        "stages": [{"stage": str(stage.stage), "done": stage.done, "said": stage.said or None} for stage in one.stages],
    }
