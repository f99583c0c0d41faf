"""What the page of a plan is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sessionaudit.repair.apply import Record
    from sessionaudit.repair.propose import Proposal


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPage:
    """A plan, and what became of it.

    `transactional` asks for a script that fits into one transaction. `records` are those of all rounds in which the
    plan was applied, None where it was not; the proposal is then the last, whose held steps are held still. `left` says
    what should be mended and is not, `error` what ended it.
    """

    proposal: Proposal
    transactional: bool = False
    records: Sequence[Record] | None = None
    left: Sequence[str] = ()
    error: Mapping[str, Any] | None = None
