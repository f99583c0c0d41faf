"""The rules of the data audit."""

from __future__ import annotations

from sessionaudit.core.finding import Rule, Severity

_OBJECT = "INVARIANT"
ORPHANED = Rule(
    "SD001",
    "orphaned-rows",
    Severity.ERROR,
    "Rows of one table lack the row of another one that an invariant promises.",
    "No constraint can hold such a promise, so the application goes on as if all were well, and somebody waits for "
    "ever. The invariant gives the severity; its repair, where it has one, makes the missing rows.",
    object=_OBJECT,
)
BROKEN = Rule(
    "SD002",
    "broken-invariant",
    Severity.ERROR,
    "Rows contradict each other in a way that an invariant forbids.",
    "Each row alone is as it should be; together they tell the application something that is not so. The invariant "
    "gives the severity; its repair, where it has one, settles the rows.",
    object=_OBJECT,
)
UNINDEXED = Rule(
    "SD003",
    "missing-invariant-index",
    Severity.NOTE,
    "No index leads from a row to the row that an invariant promises.",
    "Checking the invariant reads whole tables, and mending a single row reads the other table once. The contract's "
    "link may be there under a cast or an expression that no index has.",
    object=_OBJECT,
)

RULES = (ORPHANED, BROKEN, UNINDEXED)
