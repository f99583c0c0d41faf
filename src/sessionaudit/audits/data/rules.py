"""Define the rules of the data audit."""

from __future__ import annotations

from sessionaudit.core.finding import Rule, Severity

_OBJECT = "INVARIANT"
ORPHANED = Rule(
    "SD001",
    "orphaned-rows",
    Severity.ERROR,
    "Rows of one table lack the row in another table that an invariant requires.",
    "No constraint can enforce this, so the application continues without an error, and users may wait forever. The "
    "invariant sets the severity; its repair, if it has one, creates the missing rows.",
    object=_OBJECT,
)
BROKEN = Rule(
    "SD002",
    "broken-invariant",
    Severity.ERROR,
    "Rows contradict each other in a way that an invariant forbids.",
    "Each row is valid by itself, but together they are inconsistent. The invariant sets the severity; its repair, "
    "if it has one, corrects the rows.",
    object=_OBJECT,
)
UNINDEXED = Rule(
    "SD003",
    "missing-invariant-index",
    Severity.NOTE,
    "No index supports the join of an invariant.",
    "Checking the invariant reads whole tables, and repairing a single row reads the whole other table. The join may "
    "use a cast or an expression that no index has.",
    object=_OBJECT,
)

RULES = (ORPHANED, BROKEN, UNINDEXED)
