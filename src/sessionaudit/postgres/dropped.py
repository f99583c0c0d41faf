"""What depends on the objects that a plan drops, and which steps of the plan remove that."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.sql.text import sent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.postgres.connection import Connection

_QUERY = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Standing(NamedTuple):
    """One thing that stands on an object which is dropped.

    `place` is the object's among those that were asked for, `told` what PostgreSQL calls the thing; `going` are the
    places of those with which it goes, `changing` of those whose change may take it away. What has a `path` does not
    keep the object: it goes with it, unasked. `sort` is the kind of that, a relation or a column.
    """

    place: int
    told: str
    going: tuple[int, ...]
    changing: tuple[int, ...]
    sort: str = ""
    path: tuple[str, ...] = ()


def standing(connection: Connection, asked: Sequence[tuple[str, bool]]) -> tuple[Standing, ...]:
    """Read what keeps objects from being dropped, and what goes with them unasked.

    `asked` has for each object the query of its address and whether it is dropped, else it is changed. The search path
    must be empty, so that the server prints all names with their schemas.
    """
    given = " union all ".join(
        f"select {place}, {str(goes).lower()}, o.* from ({address}) o (class, id, sub)"  # noqa: S608 - our own text
        for place, (address, goes) in enumerate(asked)
    )
    rows = connection.execute(sent(_QUERY.replace("%(given)s", given))).fetchall()
    return tuple(Standing(row[0], row[1], tuple(row[2]), tuple(row[3]), row[4], tuple(row[5])) for row in rows)
