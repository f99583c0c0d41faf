"""Print the result of a backfill as one JSON object.

A dry run reports its changes in `would_make` and `would_supersede`, not as done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.backfill.row_changes import Did
from sessionaudit.core.ref import dotted
from sessionaudit.core.visible import spelled_json
from sessionaudit.report.formats.backfill.content import AllPage
from sessionaudit.report.formats.backfill.states import columns, state
from sessionaudit.report.lookups import hits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.backfill.all_session import Backfilled
    from sessionaudit.backfill.row_changes import RowChange
    from sessionaudit.backfill.row_outcome import RowOutcome
    from sessionaudit.report import Canvas
    from sessionaudit.report.formats.backfill.content import BackfillPage, IdsPage

VERSION = 1
_VERBS = {Did.INSERTED: "insert", Did.UPDATED: "update", Did.DELETED: "delete"}


def render(page: BackfillPage, _canvas: Canvas) -> str:
    """Render a page; later versions may add keys, but never change or remove them."""
    told = _all(page) if isinstance(page, AllPage) else _ids(page)
    return spelled_json(told) + "\n"


def _ids(page: IdsPage) -> dict[str, Any]:
    return {
        "version": VERSION,
        "invariant": page.invariant,
        "batch": page.run,
        "journal": str(page.journal) if page.journal else None,
        "error": page.error,
        "dry_run": page.dry,
        **_results(page.outcomes, dry=page.dry),
    }


def _all(page: AllPage) -> dict[str, Any]:
    rehearsed = [
        {
            "invariant": one.broken.repair.invariant.name,
            "broken": one.broken.number,
            **_results(one.outcomes, dry=page.dry),
        }
        for one in page.rehearsed
    ]
    return {
        "version": VERSION,
        "error": page.error,
        "batch": page.run,
        "journal": str(page.journal) if page.journal else None,
        "dry_run": page.dry,
        "invariants": [*rehearsed, *map(_backfilled, page.backfilled)],
    }


def _backfilled(one: Backfilled) -> dict[str, Any]:
    progress = one.progress
    return {
        "invariant": one.repair.invariant.name,
        "broken": progress.total,
        "made": progress.made,
        "superseded": progress.superseded,
        "gave_way": progress.gave_way,
        "batches": progress.batches,
        "seconds": round(one.seconds, 3),
        "left": one.left,
        "sample": list(one.sample),
        "unproven": progress.unproven or None,
        "failed": progress.failed,
        "failures": list(progress.failures),
    }


def _results(outcomes: Sequence[RowOutcome], *, dry: bool) -> dict[str, Any]:
    """Return the number of ids in each state, and the outcome of each id."""
    states = [state(one, dry=dry) for one in outcomes]
    return {
        "summary": {name: states.count(name) for name in dict.fromkeys(states)},
        "results": [
            {
                "id": one.id,
                "given": one.given,
                "found_by": one.by or ("id" if one.state.named else None),
                "state": name,
                "fine": one.state.fine and not (dry and one.made),
                "reason": one.reason,
                "there": {"table": dotted(one.there.table), "id": one.there.row} if one.there else None,
                **({"rows": hits(one.several)} if one.several else {}),
                "made": [] if dry else [_row(made) for made in one.made],
                "superseded": [] if dry else [_row(made) for made in one.superseded],
                **(_would(one) if dry else {}),
            }
            for one, name in zip(outcomes, states, strict=True)
        ],
    }


def _row(made: RowChange) -> dict[str, Any]:
    return {
        "table": dotted(made.table),
        "id": made.row,
        "key": made.key,
        "did": str(made.did),
        "was": columns(made),
    }


def _would(one: RowOutcome) -> dict[str, Any]:
    return {"would_make": [*map(_would_be, one.made)], "would_supersede": [*map(_would_be, one.superseded)]}


def _would_be(made: RowChange) -> dict[str, Any]:
    return {
        "table": dotted(made.table),
        "id": None if made.did is Did.INSERTED else made.row,
        "key": made.key,
        "would": _VERBS[made.did],
        "is": columns(made),
    }
