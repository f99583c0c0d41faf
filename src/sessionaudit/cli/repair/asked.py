"""What a call of `repair` wants repaired, and what may be done for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.audits.audit import Options
from sessionaudit.repair import choices, permission
from sessionaudit.repair.propose import PlanOptions

if TYPE_CHECKING:
    from collections.abc import Sequence


class Words(NamedTuple):
    """The values of options that may be repeated; None where an option is not given."""

    only: Sequence[str] | None
    ignore: Sequence[str] | None
    allow: Sequence[str] | None
    replace: Sequence[str] | None


def plan_options(words: Words, *, statement_timeout: float, with_data: bool, zone: str) -> PlanOptions:
    """The same for the session. Raises UsageError."""
    reading = Options(
        only=tuple(words.only or ()), ignore=tuple(words.ignore or ()), statement_timeout=statement_timeout
    )
    return PlanOptions(
        reading=reading,
        allowed=permission.allowed(words.allow or ()),
        with_data=with_data,
        choices=choices.read(words.replace or ()),
        zone=zone,
    )
