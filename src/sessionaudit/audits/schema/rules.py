"""The rules of the schema audit: those of the kinds, and of what is set around the schema."""

from __future__ import annotations

from sessionaudit.core.finding import Rule, Severity
from sessionaudit.kinds import KINDS

REPLICATION_ROLE = Rule(
    "SA006",
    "replication-role",
    Severity.ERROR,
    "Sessions work with session_replication_role set to replica: those of a role, of the database, or all.",
    "For what they write no foreign key is looked at and no trigger fires, unless it is enabled always. Tools that "
    "copy data set it for their role; waive it for that one. A role's is a warning.",
)

RULES = (REPLICATION_ROLE, *(rule for kind in KINDS for rule in kind.rules))
