"""Read what depends on objects, in the order in which it must be recreated."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from sessionaudit.core.ordering import ordered
from sessionaudit.core.step import Dependent
from sessionaudit.sql.text import sent

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sessionaudit.postgres.connection import Connection

_QUERY = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


def dependents(connection: Connection, addresses: Collection[str]) -> tuple[tuple[Dependent, ...], ...]:
    """Read for each of the addresses the objects that must be dropped and recreated when its object is exchanged.

    An address is that of `core.step.Around`; if its query returns nulls, nothing depends on the object. The search path
    must be empty, so that the server prints all names with their schemas. The objects are dropped in the reverse order.
    """
    if not addresses:
        return ()
    # One query for all: to parse and plan it takes the server ten times as long as to run it.
    given = " union all ".join(
        f"select {number}, o.class::oid, o.id::oid, o.sub::integer, o.goes::boolean, o.rebuilt::boolean"  # noqa: S608 - our own text
        f" from ({address}) o (class, id, sub, goes, rebuilt)"
        for number, address in enumerate(addresses)
    )
    query = _QUERY.replace("%(last)s", str(len(addresses) - 1)).replace("%(given)s", given)
    rows: list[list[tuple[Any, ...]]] = [[] for _ in addresses]
    for row in connection.execute(sent(query)).fetchall():
        number: int = row[0]
        rows[number].append(row[1:])
    return tuple(_in_order(one) for one in rows)


def _in_order(rows: Sequence[tuple[Any, ...]]) -> tuple[Dependent, ...]:
    """Return the dependents of one object in the order in which they are recreated."""
    found = {row[6]: Dependent(row[0], row[1], tuple(row[2]), tuple(row[3]), tuple(row[4]), row[5]) for row in rows}
    places = {key: place for place, key in enumerate(found)}
    waits = {key: {other for other in row[7] if other in found} for key, row in zip(found, rows, strict=True)}
    keys, circle = ordered(waits, places.__getitem__)
    # Objects that depend on each other became so by a later change of one of them, which one pass cannot repeat.
    in_circles = [replace(found[key], put=()) for key in sorted(keys[circle:], key=places.__getitem__)]
    return (*(found[key] for key in keys[:circle]), *in_circles)
