"""Read what depends on an object, in the order in which it must be recreated."""

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
    """Read the objects that must be dropped and recreated when an object is exchanged.

    `address` is that of `core.step.Around`; if its query returns nulls, nothing depends on the object. The search path
    must be empty, so that the server prints all names with their schemas. The objects are dropped in the reverse order.
    """
    rows = connection.execute(sent(_QUERY.replace("%(address)s", address))).fetchall()
    found = {row[6]: Dependent(row[0], row[1], tuple(row[2]), tuple(row[3]), tuple(row[4]), row[5]) for row in rows}
    places = {key: place for place, key in enumerate(found)}
    waits = {key: {other for other in row[7] if other in found} for key, row in zip(found, rows, strict=True)}
    keys, circle = ordered(waits, places.__getitem__)
    # Objects that depend on each other became so by a later change of one of them, which one pass cannot repeat.
    in_circles = [found[key]._replace(put=()) for key in sorted(keys[circle:], key=places.__getitem__)]
    return (*(found[key] for key in keys[:circle]), *in_circles)
