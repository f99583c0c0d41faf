"""Read what depends on the objects that a plan drops, and which steps of the plan remove it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.sql.text import sent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.postgres.connection import Connection

_QUERY = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Standing(NamedTuple):
    """An object that depends on an object to be dropped.

    `place` is the position of the object to be dropped in the given list, and `told` is PostgreSQL's description of the
    dependent. `going` holds the positions of objects whose drop also drops the dependent, `changing` those of objects
    whose change may remove it. A dependent with a `path` does not prevent the drop: it is dropped automatically. `sort`
    is the kind of such a dependent: a relation or a column.
    """

    place: int
    told: str
    going: tuple[int, ...]
    changing: tuple[int, ...]
    sort: str = ""
    path: tuple[str, ...] = ()


def standing(connection: Connection, asked: Sequence[tuple[str, bool]]) -> tuple[Standing, ...]:
    """Read what prevents objects from being dropped, and what is dropped with them automatically.

    `asked` holds for each object the query for its address, and whether it is dropped (otherwise it is changed). The
    search path must be empty, so that the server prints all names with their schemas.
    """
    given = " union all ".join(
        f"select {place}, {str(goes).lower()}, o.* from ({address}) o (class, id, sub)"  # noqa: S608 - our own text
        for place, (address, goes) in enumerate(asked)
    )
    rows = connection.execute(sent(_QUERY.replace("%(given)s", given))).fetchall()
    return tuple(Standing(row[0], row[1], tuple(row[2]), tuple(row[3]), row[4], tuple(row[5])) for row in rows)
