"""Print what roles may do as one JSON object: the report, and a list of the objects."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.visible import spelled_json
from sessionaudit.report.formats import json_

if TYPE_CHECKING:
    from sessionaudit.audits.behaviour.access.examining import AccessRow
    from sessionaudit.audits.behaviour.access.session import AccessReport
    from sessionaudit.postgres.access.cells import AccessCell
    from sessionaudit.report import Canvas


def render(page: AccessReport, canvas: Canvas) -> str:
    """Render the page; later versions may add keys, but never change or remove them."""
    told: dict[str, Any] = json.loads(json_.render(page.report, canvas))
    told |= {"roles": list(page.examined.roles), "access": [_row(row) for row in page.examined.rows]}
    return spelled_json(told) + "\n"


def _row(row: AccessRow) -> dict[str, Any]:
    return {
        "object": str(ObjectRef(row.wanted.kind, row.wanted.path)),
        "roles": {role: {command: _cell(cell) for command, cell in cells.items()} for role, cells in row.cells.items()},
    }


def _cell(cell: AccessCell) -> dict[str, Any]:
    return {
        "verdict": str(cell.verdict),
        "columns": sorted(cell.columns) if cell.columns is not None else None,
        "policies": [dotted(path[-1:]) for path in cell.policies],
        "reasons": [reason.text for reason in cell.reasons],
        **({"other_form": str(cell.other)} if cell.other else {}),
        **({"returning": str(cell.returning)} if cell.returning else {}),
    }
