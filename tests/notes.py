"""The database of notes of the tests of journeys: what is given, contracts over it, and all that stays in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import yaml

from servers import connect

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MINE = {"role": "journey_user", "claims": {"sub": ":me"}}
OTHERS = {"role": "journey_user", "claims": {"sub": ":other"}}
GIVEN = {
    "me": "select gen_random_uuid() as id",
    "other": "select gen_random_uuid() as id",
    "note": "insert into notes (owner, text) values (:me, 'mine') returning id, text",
}
MET, ACCEPTED, UNDECIDED, UNSEEN = "as expected", "accepted", "not decided", "not looked at"


def contract(folder: Path, steps: Mapping[str, Any], given: Mapping[str, Any] = GIVEN) -> Path:
    """A contract of one journey."""
    journeys = {"notes": {"summary": "Everything", "given": dict(given), "steps": dict(steps)}}
    journeys = json.loads(json.dumps(journeys))  # without the anchors that stand for what is the same twice
    file = folder / "expected.yaml"
    file.write_text(yaml.safe_dump({"version": 1, "journeys": journeys}, sort_keys=False), encoding="utf-8")
    return file


def rows(url: str) -> list[Any]:
    """All that a probe could leave behind: rows, with where they are, and the catalogs."""
    with connect(url) as connection:
        return [
            connection.execute(query).fetchall()
            for query in (
                "select ctid, xmin::text, n::text from public.notes n order by 1",
                "select ctid, xmin::text, n::text from public.told n order by 1",
                "select count(*), max(oid) from pg_class",
                "select ctid, xmin::text from pg_class order by 1",
                "select ctid, xmin::text from pg_proc order by 1",
            )
        ]
