"""What the page of a plan is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sessionaudit.repair.apply import Record
    from sessionaudit.repair.propose import Proposal


class PlanPage(Struct, frozen=True, kw_only=True):
    """A plan, and the result of applying it.

    `transactional` requests a script that can run in one transaction. `records` holds the records of all rounds; None
    if the plan was not applied. If it was, the proposal is the last one, with the steps that are still held back.
    `left` says what should be repaired and is not, `error` what ended the repair.
    """

    proposal: Proposal
    transactional: bool = False
    records: Sequence[Record] | None = None
    left: Sequence[str] = ()
    error: Mapping[str, Any] | None = None
