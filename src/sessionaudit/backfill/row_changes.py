"""Describe what a repair did to rows, for the journal, undo and the reports."""

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
    """A row that a repair wrote: the table, what was done, its primary key, and the key of the repaired row.

    `was` holds the earlier values of columns as text: those that an update changed, or all of a deleted row. An update
    whose `was` is empty cannot be undone.
    """

    table: ObjectPath
    did: Did
    row: str
    key: str
    was: Mapping[str, str | None]


class Batch(NamedTuple):
    """What one transaction did.

    `taken` are the keys whose rows were locked and violated the invariant. `made` holds the rows that the repair wrote,
    `superseded` those that they replaced. `transaction` is the transaction's number. With `retire`, the replaced rows
    are still to be retired.
    """

    taken: tuple[str, ...]
    made: tuple[RowChange, ...]
    superseded: tuple[RowChange, ...]
    transaction: int = 0
    retire: bool = False
