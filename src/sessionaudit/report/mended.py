"""What a backfill did, for people and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.ref import dotted
from sessionaudit.core.visible import spelled_json, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.data.look import Outcome
    from sessionaudit.data.made import Made

VERSION = 1


def lines(outcomes: Sequence[Outcome], *, dry: bool) -> str:
    """One line for each id, and what was made and superseded for it."""
    width = max((len(visible(one.id)) for one in outcomes), default=0)
    said: list[str] = []
    for one in outcomes:
        state = f"would be {one.state}" if dry and one.made else str(one.state)
        rows = ", ".join(f"{dotted(made.table)} {made.row}" for made in one.made)
        said.append(f"{visible(one.id):<{width}}  {state}: {'; '.join(part for part in (rows, one.reason) if part)}")
        said += [
            f"{'':<{width}}  superseded {dotted(other.table)} {other.row}, which {_was(other)}"
            for other in one.superseded
        ]
    return "".join(f"{visible(line)}\n" for line in said)


def _was(made: Made) -> str:
    was = _columns(made)
    return "was " + ", ".join(f"{name} {value}" for name, value in was.items()) if was else "is new"


def _columns(made: Made) -> dict[str, str | None]:
    """What the columns were; the version of a row is for the journal alone."""
    return {name: value for name, value in made.was.items() if name != "xmin"}


def data(outcomes: Sequence[Outcome], *, invariant: str, batch: str, journal: str | None, dry: bool) -> str:
    """The same as one JSON object."""
    about = {"invariant": invariant, "batch": batch, "journal": journal, "dry_run": dry}
    return _spelled({"version": VERSION, **about, **results(outcomes)})


def results(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """How many ids ended in which state, and what became of each."""
    counts: dict[str, int] = {}
    for one in outcomes:
        counts[str(one.state)] = counts.get(str(one.state), 0) + 1
    return {
        "summary": counts,
        "results": [
            {
                "id": one.id,
                "state": str(one.state),
                "fine": one.state.fine,
                "reason": one.reason,
                "made": [_row(made) for made in one.made],
                "superseded": [_row(made) for made in one.superseded],
            }
            for one in outcomes
        ],
    }


def _row(made: Made) -> dict[str, Any]:
    return {
        "table": dotted(made.table),
        "id": made.row,
        "key": made.key,
        "did": str(made.did),
        "was": _columns(made),
    }


def bulk_data(about: dict[str, Any], invariants: Sequence[dict[str, Any]]) -> str:
    """What a run over all rows did, as one JSON object."""
    return _spelled({"version": VERSION, **about, "invariants": list(invariants)})


def _spelled(value: dict[str, Any]) -> str:
    return spelled_json(value) + "\n"
