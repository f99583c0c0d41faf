"""What depends on an object, in the order in which it must be recreated."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sessionaudit.core.ordering import ordered
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
    places = {key: place for place, key in enumerate(found)}
    waits = {key: {other for other in row[7] if other in found} for key, row in zip(found, rows, strict=True)}
    keys, circle = ordered(waits, places.__getitem__)
    # What depends on each other was made so by changing one of them later, which cannot be done in one pass.
    in_circles = [found[key]._replace(put=()) for key in sorted(keys[circle:], key=places.__getitem__)]
    return (*(found[key] for key in keys[:circle]), *in_circles)
