"""What a repair did to rows, as the journal, undo and the reports describe it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessionaudit.core.kind import ObjectPath


class Did(StrEnum):
    """What was done to a row."""

    INSERTED = "inserted"
    UPDATED = "updated"
    DELETED = "deleted"


class RowChange(NamedTuple):
    """A row that a repair wrote: the table, what was done, its primary key, and the key that this was for.

    `was` holds columns as they were before, as text: those that an update changed, all of a row that was deleted.
    An update whose `was` is empty cannot be taken back.
    """

    table: ObjectPath
    did: Did
    row: str
    key: str
    was: Mapping[str, str | None]


class Batch(NamedTuple):
    """What one transaction did.

    `taken` are the keys whose rows were locked and broken. `made` holds the rows of the repair, `superseded`
    those that they took the place of. `transaction` is its number. With `retire`, what the new rows take the place of
    is still to be retired.
    """

    taken: tuple[str, ...]
    made: tuple[RowChange, ...]
    superseded: tuple[RowChange, ...]
    transaction: int = 0
    retire: bool = False
