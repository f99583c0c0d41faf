"""Define the rules of the behaviour audit: SB001 to SB049 are about access, SB051 to SB099 about journeys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.behaviour.journeys.rules import RULES as JOURNEY_RULES

if TYPE_CHECKING:
    from sessionaudit.core.finding import Rule

ACCESS_RULES: tuple[Rule, ...] = ()
RULES = (*ACCESS_RULES, *JOURNEY_RULES)
