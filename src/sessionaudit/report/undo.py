"""What an undo would do, and what it did, for people and for programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sessionaudit.backfill.made import Did
from sessionaudit.core.counting import counted
from sessionaudit.core.folding import fold
from sessionaudit.core.ref import dotted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sessionaudit.backfill.restoring import Tally
    from sessionaudit.backfill.undo import Undone
    from sessionaudit.core.kind import ObjectPath

VERSION = 1
_WORDS = {Did.INSERTED: "delete {} of {}", Did.UPDATED: "restore {} of {}", Did.DELETED: "re-insert {} of {}"}


def due(counts: Mapping[ObjectPath, Mapping[Did, int]]) -> str:
    """How many rows of which tables are to be taken back, in one sentence."""
    parts = [
        _WORDS[did].format(counted(some[did], "row"), dotted(table))
        for table, some in sorted(counts.items())
        for did in _WORDS
        if some.get(did)
    ]
    if not parts:
        return "There is nothing to undo."
    return f"Undo would {_listed(parts)}, unless they have been changed or referenced since."


def lines(done: Undone, width: int | None = None) -> str:
    """What came of it: a line for each table, one for all, and why rows were refused; of some width, if any."""
    tables = [f"{dotted(table)}: {_tally(tally)}" for table, tally in sorted(done.tables.items())]
    total = done.total
    said = [*(tables if len(tables) > 1 else ()), _tally(total) + "."]
    said += [f"  {reason}" for reason in done.refusals]
    if len(done.refusals) < total.refused and done.refusals:
        said.append("  …")
    if width:
        said = [one for line in said for one in fold(line.strip(), width, first=" " * _blanks(line), indent=4)]
    return "".join(f"{line}\n" for line in said)


def _blanks(line: str) -> int:
    return len(line) - len(line.lstrip())


def data(done: Undone, *, journal: Path, told: Mapping[str, Any], invariant: str | None, dry: bool) -> str:
    """The same as one JSON object; of a rehearsal nothing is told as done: what would be stands in `would`."""
    counts = {
        **asdict(done.total),
        "tables": {dotted(table): asdict(tally) for table, tally in sorted(done.tables.items())},
    }
    value = {
        "version": VERSION,
        "journal": str(journal),
        "batch": told.get("run"),
        "invariant": invariant,
        "dry_run": dry,
        **({"would": counts} if dry else counts),
        "refusals": done.refusals,
        "damaged": [{"line": one.line, "reason": str(one)} for one in done.damaged],
    }
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _tally(tally: Tally) -> str:
    return (
        f"{counted(tally.deleted, 'row')} deleted, {tally.restored:,} restored, {tally.returned:,} re-inserted, "
        f"{tally.gone:,} gone already, {tally.refused:,} refused"
    )


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
