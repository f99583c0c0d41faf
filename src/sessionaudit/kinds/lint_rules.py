"""The rules about contracts alone, of which no database need be asked."""

from __future__ import annotations

from sessionaudit.core.finding import Rule, Severity

INVALID = Rule(
    "SL001",
    "invalid-contract",
    Severity.ERROR,
    "A contract cannot be read: a word, a value or the YAML is wrong.",
    "Every command that reads the contract ends with exit code 2. What else is in the file is judged once it can be "
    "read.",
    fix="Correct the word or the value at the place that the finding names.",
)
OF_ABSENT = Rule(
    "SL101",
    "names-absent",
    Severity.ERROR,
    "An object of the contract names one that the contract declares absent.",
    "No database can match both: where the one is there, it needs the other.",
    fix="Take one of the two out of the contract.",
)
UNDECLARED_PART = Rule(
    "SL102",
    "undeclared-part",
    Severity.WARNING,
    "An object names a column, or another part of a table, that the contract's own list of those does not have.",
    "The contract is partial, so that the database may have it. But then `check` reports it as unexpected, and where "
    "it does not exist, no database can match the contract. Mostly it is a typing error.",
    fix="Correct the name, or declare the column.",
)
UNDECLARED = Rule(
    "SL103",
    "undeclared-object",
    Severity.NOTE,
    "An object names one that the contract does not declare.",
    "The contract is partial, so that this may be right. But nothing checks what it does not declare, and a private "
    "database that is made from it (scan, probe) lacks it.",
    fix=(
        "Declare the object, or correct its name. If it belongs to somebody else, such as the platform, it may stay "
        "as it is."
    ),
)
UNFIT_KEY = Rule(
    "SL201",
    "unfit-foreign-key",
    Severity.ERROR,
    "A foreign key cannot be: its columns are of types that do not compare with those it references, or of another "
    "number.",
    "PostgreSQL rejects it (42804, or 42830), so that no database can match the contract.",
    fix="Give the column the type of the one that it references, or reference another column.",
)
IMPOSSIBLE_DEFAULT = Rule(
    "SL202",
    "impossible-default",
    Severity.ERROR,
    "The default of a column is no value of its enum.",
    "PostgreSQL rejects it (22P02), so that no database can match the contract.",
    fix="Correct the default, or add the value to the enum.",
)
IMPOSSIBLE_ACTION = Rule(
    "SL203",
    "impossible-action",
    Severity.WARNING,
    "A foreign key sets a column to null that does not permit null.",
    "PostgreSQL accepts it, and each delete or update of a referenced row fails (23502) where rows refer to it.",
    fix="Permit null in the column, or choose another action, such as `on delete cascade`.",
)
NO_TRIGGER_FUNCTION = Rule(
    "SL204",
    "no-trigger-function",
    Severity.ERROR,
    "A trigger executes a function of the contract that does not return trigger.",
    "PostgreSQL rejects the trigger (42P17), so that no database can match the contract.",
    fix="Have the function return trigger, or name another function.",
)
CONTRADICTION = Rule(
    "SL205",
    "contradiction",
    Severity.ERROR,
    "Two entries of the contract contradict each other.",
    "No database can match both.",
    fix="Decide which of the two is meant, and correct the other.",
)
RESERVED = Rule(
    "SL206",
    "reserved-name",
    Severity.ERROR,
    "The name of an object is one that PostgreSQL keeps for itself.",
    "PostgreSQL rejects it (42701 for a column, 42939 for a schema), so that no database can match the contract.",
    fix="Choose another name.",
)
UNREADABLE = Rule(
    "SL301",
    "unreadable-file",
    Severity.ERROR,
    "A file or a folder that the contract names is not there, or cannot be used.",
    "The repair, the audit of migrations or that of the code ends with exit code 2 when it needs it.",
    object="FILE",
    fix="Correct the name, which is relative to the file of the contract, or create the file.",
)
DUPLICATE = Rule(
    "SL401",
    "duplicate-object",
    Severity.NOTE,
    "Two objects of the contract differ in nothing but their names.",
    "One of them costs without use: an index takes space and slows each write, a check or a trigger runs twice.",
    fix="Declare one of them `absent`, and `sessionaudit repair` drops it.",
)
DUPLICATE_WAIVER = Rule(
    "SL402",
    "duplicate-waiver",
    Severity.WARNING,
    "Two waivers of the contract accept the same.",
    "Only the first counts: when it ends, or somebody removes it, the other still accepts what nobody expects it to.",
    object="RULE OBJECT",
    fix="Remove one of them.",
)
IDLE_SEVERITY = Rule(
    "SL403",
    "waiver-of-ignored-rule",
    Severity.NOTE,
    "A waiver is for a rule that the contract switches off.",
    "It accepts nothing, as no finding of the rule counts.",
    object="RULE OBJECT",
    fix="Remove the waiver, or the line under `rules`.",
)
RULES = (
    *(INVALID, OF_ABSENT, UNDECLARED_PART, UNDECLARED),
    *(UNFIT_KEY, IMPOSSIBLE_DEFAULT, IMPOSSIBLE_ACTION, NO_TRIGGER_FUNCTION, CONTRADICTION, RESERVED),
    *(UNREADABLE, DUPLICATE, DUPLICATE_WAIVER, IDLE_SEVERITY),
)
