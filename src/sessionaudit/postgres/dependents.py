"""What depends on an object, in the order in which it must be recreated."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from pathlib import Path
from typing import TYPE_CHECKING

from sessionaudit.core.step import Dependent
from sessionaudit.sql.text import sent

if TYPE_CHECKING:
    from sessionaudit.postgres.connection import Connection

_QUERY = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


def dependents(connection: Connection, address: str) -> tuple[Dependent, ...]:
    """Read what depends on an object, as far as it has to be taken away while the object is exchanged.

    `address` is that of `core.step.Around`; where it gives nulls, nothing depends on it. The search path
    must be empty, so that the server prints all names with their schemas. What is taken away is taken
    in the contrary order.
    """
    rows = connection.execute(sent(_QUERY.replace("%(address)s", address))).fetchall()
    found = {row[6]: Dependent(row[0], row[1], tuple(row[2]), tuple(row[3]), tuple(row[4]), row[5]) for row in rows}
    keys = list(found)
    waits = {key: {other for other in row[7] if other in found} for key, row in zip(keys, rows, strict=True)}
    followers: dict[str, list[str]] = {key: [] for key in keys}
    for key, others in waits.items():
        for other in others:
            followers[other].append(key)
    places = {key: place for place, key in enumerate(keys)}
    ready = [places[key] for key in keys if not waits[key]]
    heapify(ready)
    order: list[Dependent] = []
    while ready:
        key = keys[heappop(ready)]
        order.append(found[key])
        del waits[key]
        for follower in followers[key]:
            waits[follower].discard(key)
            if not waits[follower]:
                heappush(ready, places[follower])
    # What depends on each other was made so by changing one of them later, which cannot be done in one pass.
    order.extend(found[key]._replace(put=()) for key in waits)
    return tuple(order)
