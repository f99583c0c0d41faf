"""Collect the rules of the schema audit: those of the kinds, and of settings."""

from __future__ import annotations

from sessionaudit.core.finding import Rule, Severity
from sessionaudit.kinds import KINDS

REPLICATION_ROLE = Rule(
    "SA006",
    "replication-role",
    Severity.ERROR,
    "session_replication_role is set to replica for a role, for the database, or for the server.",
    "When such sessions write, foreign keys are not checked, and triggers do not fire unless they are enabled "
    "ALWAYS or REPLICA. Tools that copy data set it for their own role. Set for a role, it is a warning.",
    fix=(
        "Run `alter database NAME reset session_replication_role` or `alter role NAME reset "
        "session_replication_role`, whichever the finding names, and reconnect the sessions. What they wrote "
        "meanwhile was not checked. If a tool that copies data needs it for its role, add a waiver."
    ),
)

RULES = (REPLICATION_ROLE, *(rule for kind in KINDS for rule in kind.rules))
