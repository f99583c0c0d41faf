"""Every rule, by its name."""

from __future__ import annotations

from sessionaudit.core.finding import Rule, Severity
from sessionaudit.kinds import KINDS

UNCERTAIN = Rule(
    "SA001",
    "uncertain",
    Severity.WARNING,
    "Two expressions differ in their spelling, and nothing here could tell whether they mean the same.",
    "It may be drift or it may not. The server decides where a temporary table may be made (and rolled back): "
    "not on a standby, not in a read-only connection, not without TEMPORARY on the database. Writing the "
    "expression into the contract as PostgreSQL prints it settles it everywhere.",
)
MISNAMED = Rule(
    "SA002",
    "misnamed-object",
    Severity.NOTE,
    "An object is there and right, under another name than the contract's.",
    "It does its work. Migrations that drop or alter it by its name will fail.",
    "The {whole} is there and right, but it is called {actual}: migrations that name it will fail.",
)
EXPIRED = Rule(
    "SA003",
    "expired-waiver",
    Severity.WARNING,
    "A waiver of the contract has passed its date.",
    "What was accepted for a time counts again.",
)
REFUSED = Rule(
    "SA004",
    "refused-contract",
    Severity.ERROR,
    "PostgreSQL refuses what the contract states, and nothing that is missing explains it.",
    "No database can be so: the contract has a slip, or names what it does not declare. What the database has in its "
    "place is judged by nobody until the contract is mended.",
)
NO_SCHEMA = Rule(
    "SA005",
    "missing-schema",
    Severity.ERROR,
    "A schema of the contract does not exist.",
    "Nothing of what the contract names in it is there. It may be the wrong database, or a slip of the contract.",
)
REPLICATION_ROLE = Rule(
    "SA006",
    "replication-role",
    Severity.ERROR,
    "Sessions work with session_replication_role set to replica: those of a role, of the database, or all.",
    "For what they write no foreign key is looked at and no trigger fires, unless it is enabled always. Tools that "
    "copy data set it for their role; waive it for that one. A role's is a warning.",
)
IDLE = Rule(
    "SA008",
    "idle-waiver",
    Severity.NOTE,
    "A waiver of the contract covers nothing that was found.",
    "What it accepted is mended, or never was as it is spelled: then nothing is accepted, and a slip looks like a "
    "decision. One for an object that neither the contract nor the database has is a warning.",
)
ORPHANED = Rule(
    "SD001",
    "orphaned-rows",
    Severity.ERROR,
    "Rows of one table lack the row of another one that an invariant promises.",
    "No constraint can hold such a promise, so the application goes on as if all were well, and somebody waits for "
    "ever. The invariant gives the severity; its repair, where it has one, makes the missing rows.",
)
BROKEN = Rule(
    "SD002",
    "broken-invariant",
    Severity.ERROR,
    "Rows contradict each other in a way that an invariant forbids.",
    "Each row alone is as it should be; together they tell the application something that is not so. The invariant "
    "gives the severity; its repair, where it has one, settles the rows.",
)
UNINDEXED = Rule(
    "SD003",
    "missing-invariant-index",
    Severity.NOTE,
    "No index leads from a row to the row that an invariant promises.",
    "Checking the invariant reads whole tables, and mending a single row reads the other table once. The contract's "
    "link may be there under a cast or an expression that no index has.",
)

OF_ROWS = (ORPHANED, BROKEN, UNINDEXED)

RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in sorted(
        {
            UNCERTAIN,
            MISNAMED,
            EXPIRED,
            REFUSED,
            NO_SCHEMA,
            REPLICATION_ROLE,
            IDLE,
            *OF_ROWS,
            *(rule for kind in KINDS for rule in kind.rules),
        },
        key=lambda rule: rule.code,
    )
}


def find(word: str) -> Rule | None:
    """The rule of this name or code, whatever its case."""
    folded = word.lower()
    return RULES.get(folded) or next((rule for rule in RULES.values() if rule.code.lower() == folded), None)


def object_of(rule: Rule) -> str:
    """How a waiver of a rule names its object: an invariant by its name, all else by the parts of its path."""
    if rule in OF_ROWS:
        return "INVARIANT"
    path = next((kind.path for kind in KINDS if rule in kind.rules), ("object",))
    dotted = ".".join(path).upper()
    return f"'{dotted.removesuffix('.ARGUMENTS')}(ARGUMENTS)'" if dotted.endswith(".ARGUMENTS") else dotted
