"""Define what the page of a probe is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from sessionaudit.audits.behaviour.journeys.session import ProbeReport


class ProbePage(Struct, frozen=True, kw_only=True):
    """What was found."""

    found: ProbeReport

    @property
    def executed(self) -> bool:
        """Whether the steps were executed, and not only explained."""
        return self.found.touched is not None
