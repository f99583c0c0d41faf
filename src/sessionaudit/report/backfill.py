"""What a backfill did, for people and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.backfill.made import Did
from sessionaudit.core.folding import fold
from sessionaudit.core.ref import dotted
from sessionaudit.core.visible import spelled_json, visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sessionaudit.audits.data.lookup import Hit
    from sessionaudit.backfill.made import Made
    from sessionaudit.backfill.unmended import Outcome

VERSION = 1


_VERBS = {Did.INSERTED: "insert", Did.UPDATED: "update", Did.DELETED: "delete"}


def lines(outcomes: Sequence[Outcome], *, dry: bool, room: int | None = None) -> str:
    """One line for each id, and what was made and superseded for it; `room` is how wide a line may be, if anything."""
    width = max((len(visible(one.id)) for one in outcomes), default=0)
    said: list[str] = []
    for one in outcomes:
        there = f"{dotted(one.there.table)} {one.there.row}" if one.there else ""
        rows = ", ".join(_named(made, dry=dry) for made in one.made)
        found = f"found by {one.by} “{one.given}”" if one.by else ""
        told = "; ".join(part for part in (rows, there, one.reason, found) if part)
        said.append(f"{visible(one.id):<{width}}  {_state(one, dry=dry)}: {told}")
        said += [f"{'':<{width}}  {line}" for line in rows_of(one.several)]
        verb = "would supersede" if dry else "superseded"
        said += [
            f"{'':<{width}}  {verb} {_named(other, dry=dry)}, which {_was(other, dry=dry)}" for other in one.superseded
        ]
    if room:
        said = [one for line in said for one in _folded(visible(line), width + 2, room)]
    return "".join(f"{visible(line)}\n" for line in said)


def rows_of(several: Sequence[Hit]) -> list[str]:
    """Rows among which a person must choose."""
    return [f"{one.key}, by {one.by}" + (f", since {one.since}" if one.since else "") for one in several]


def _state(one: Outcome, *, dry: bool) -> str:
    return f"would be {one.state}" if dry and one.made else str(one.state)


def _named(made: Made, *, dry: bool) -> str:
    """A row; one that was made and rolled back has no key that anybody will ever find."""
    return f"a row of {dotted(made.table)}" if dry and made.did is Did.INSERTED else f"{dotted(made.table)} {made.row}"


def _folded(line: str, indent: int, room: int) -> list[str]:
    """A line whose first words stand in a column of their own."""
    indent = min(indent, room // 2)
    return fold(line[indent:], room, first=line[:indent], indent=indent)


def _was(made: Made, *, dry: bool) -> str:
    was = _columns(made)
    if not was:
        return "is new"
    return f"{'has' if dry else 'was'} " + ", ".join(f"{name} {value}" for name, value in was.items())


def _columns(made: Made) -> dict[str, str | None]:
    """What the columns were; the version of a row is for the journal alone."""
    return {name: value for name, value in made.was.items() if name != "xmin"}


def data(outcomes: Sequence[Outcome], about: Mapping[str, Any], *, dry: bool) -> str:
    """The same as one JSON object; `about` is what is said of the run."""
    return _spelled({"version": VERSION, **about, "dry_run": dry, **results(outcomes, dry=dry)})


def results(outcomes: Sequence[Outcome], *, dry: bool) -> dict[str, Any]:
    """How many ids ended in which state, and what became of each.

    Of a dry run nothing is told as done: what would be stands in `would_make` and `would_supersede`.
    """
    states = [_state(one, dry=dry) for one in outcomes]
    return {
        "summary": {state: states.count(state) for state in dict.fromkeys(states)},
        "results": [
            {
                "id": one.id,
                "given": one.given,
                "found_by": one.by or ("id" if one.state.named else None),
                "state": state,
                "fine": one.state.fine and not (dry and one.made),
                "reason": one.reason,
                "there": {"table": dotted(one.there.table), "id": one.there.row} if one.there else None,
                **({"rows": hits(one.several)} if one.several else {}),
                "made": [] if dry else [_row(made) for made in one.made],
                "superseded": [] if dry else [_row(made) for made in one.superseded],
                **(_would(one) if dry else {}),
            }
            for one, state in zip(outcomes, states, strict=True)
        ],
    }


def hits(several: Sequence[Hit]) -> list[dict[str, str | None]]:
    """The same rows for programs."""
    return [{"id": one.key, "since": one.since, "found_by": one.by} for one in several]


def _row(made: Made) -> dict[str, Any]:
    return {
        "table": dotted(made.table),
        "id": made.row,
        "key": made.key,
        "did": str(made.did),
        "was": _columns(made),
    }


def _would(one: Outcome) -> dict[str, Any]:
    return {"would_make": [*map(_would_be, one.made)], "would_supersede": [*map(_would_be, one.superseded)]}


def _would_be(made: Made) -> dict[str, Any]:
    return {
        "table": dotted(made.table),
        "id": None if made.did is Did.INSERTED else made.row,
        "key": made.key,
        "would": _VERBS[made.did],
        "is": _columns(made),
    }


def bulk_data(about: Mapping[str, Any], invariants: Sequence[dict[str, Any]], *, dry: bool) -> str:
    """What a run over all rows did, as one JSON object; `about` is what is said of the run."""
    return _spelled({"version": VERSION, "error": None, **about, "dry_run": dry, "invariants": list(invariants)})


def _spelled(value: dict[str, Any]) -> str:
    return spelled_json(value) + "\n"
