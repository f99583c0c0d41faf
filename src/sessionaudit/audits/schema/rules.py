"""Collect the rules of the schema audit: those of the kinds, and of settings."""

from __future__ import annotations

from sessionaudit.core.finding import Rule, Severity
from sessionaudit.kinds import KINDS

REPLICATION_ROLE = Rule(
    "SA006",
    "replication-role",
    Severity.ERROR,
    "session_replication_role is set to replica for a role, for the database, or for the server.",
    "For the writes of such sessions, foreign keys are not checked and triggers do not fire unless enabled ALWAYS. "
    "Tools that copy data set it for their own role: add a waiver for that role. For a role it is a warning.",
)

RULES = (REPLICATION_ROLE, *(rule for kind in KINDS for rule in kind.rules))
