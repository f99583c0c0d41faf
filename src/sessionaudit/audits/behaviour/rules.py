"""Put together the rules of the behaviour audit: SB001 to SB049 are about access, SB051 to SB099 about journeys."""

from __future__ import annotations

from sessionaudit.audits.behaviour.access.rules import RULES as ACCESS_RULES
from sessionaudit.audits.behaviour.journeys.rules import RULES as JOURNEY_RULES

RULES = (*ACCESS_RULES, *JOURNEY_RULES)
