"""Print the result of an undo as one JSON object.

A dry run reports its changes in `would`, not as done.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from msgspec.structs import asdict

from sessionaudit.core.ref import dotted

if TYPE_CHECKING:
    from sessionaudit.report import Canvas
    from sessionaudit.report.formats.undo.content import UndoPage

VERSION = 1


def render(page: UndoPage, _canvas: Canvas) -> str:
    """Render a page; later versions may add keys, but never change or remove them."""
    done = page.done
    counts = {
        **asdict(done.total),
        "tables": {dotted(table): asdict(tally) for table, tally in sorted(done.tables.items())},
    }
    value = {
        "version": VERSION,
        "journal": str(page.journal),
        "batch": page.head.get("run"),
        "invariant": page.invariant,
        "dry_run": page.dry,
        **({"would": counts} if page.dry else counts),
        "refusals": done.refusals,
        "later": [str(path) for path in done.later],
        "damaged": [{"line": one.line, "reason": str(one)} for one in done.damaged],
    }
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
