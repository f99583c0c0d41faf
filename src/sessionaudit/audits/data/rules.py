"""Define the rules of the data audit."""

from __future__ import annotations

from sessionaudit.core.finding import Rule, Severity

_OBJECT = "INVARIANT"
ORPHANED = Rule(
    "SD001",
    "orphaned-rows",
    Severity.ERROR,
    "Rows of one table lack the row in another table that an invariant requires.",
    "No constraint can enforce this: the application goes on without an error, and users may wait forever. The "
    "invariant sets the severity.",
    object=_OBJECT,
    fix=(
        "If the invariant has a `repair`, run `sessionaudit backfill --all --dry-run` and then `sessionaudit "
        "backfill --all`, which create the missing rows. If not, `sessionaudit backfill --list` prints the rows, "
        "for a person to decide."
    ),
)
BROKEN = Rule(
    "SD002",
    "broken-invariant",
    Severity.ERROR,
    "Rows contradict each other in a way that an invariant forbids.",
    "Each row is valid by itself, but together they contradict each other. The invariant sets the severity.",
    object=_OBJECT,
    fix=(
        "If the invariant has a `repair`, run `sessionaudit backfill --all --dry-run` and then `sessionaudit "
        "backfill --all`, which correct the rows. If not, `sessionaudit backfill --list` prints them, for a person "
        "to decide."
    ),
)
UNINDEXED = Rule(
    "SD003",
    "missing-invariant-index",
    Severity.NOTE,
    "No index supports the join of an invariant.",
    "Checking the invariant reads whole tables, and repairing a single row reads the whole other table. The join may "
    "use a cast or an expression that no index has.",
    object=_OBJECT,
    fix="Create the index that the finding shows as expected.",
)

RULES = (ORPHANED, BROKEN, UNINDEXED)
