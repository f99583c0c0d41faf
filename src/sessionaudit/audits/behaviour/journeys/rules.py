"""Define the rules about journeys."""

from __future__ import annotations

from sessionaudit.core.finding import Rule, Severity

_OBJECT = "JOURNEY"
UNKNOWN_NAME = Rule(
    "SB051",
    "step-unknown-name",
    Severity.ERROR,
    "A step of a journey names a table, column or function that does not exist.",
    "The statement of the application fails in the same way, each time. For example, it inserts metadata before the "
    "migration that adds the column.",
    object=_OBJECT,
    fix=(
        "Create what is missing, or correct the statement in the contract and in the application. If the contract "
        "states the object, `sessionaudit repair` prints the SQL."
    ),
)
IMPOSSIBLE_VALUE = Rule(
    "SB052",
    "step-impossible-value",
    Severity.ERROR,
    "A step of a journey has a value that its type does not have.",
    "The statement fails with 22P02 or another error of data, each time. For example, the enum lacks a status.",
    object=_OBJECT,
    fix="Add the value to the type, or correct the statement in the contract and in the application.",
)
STEP_REFUSED = Rule(
    "SB053",
    "step-refused",
    Severity.ERROR,
    "A step of a journey that should succeed is refused to its role.",
    "Users get the error 42501: a grant is missing, or no policy lets the new row pass. A step that expects “no "
    "rows” expects an answer, so that a refusal is a failure, too.",
    object=_OBJECT,
    fix=(
        "Run `sessionaudit access TABLE --as ROLE`, which shows the grants and the policies of the role, and grant "
        "or create what is missing."
    ),
)
RECURSIVE_POLICY = Rule(
    "SB054",
    "step-policy-recursion",
    Severity.ERROR,
    "The policies of a table refer to each other in a circle, so that a step fails.",
    "PostgreSQL raises 42P17 for each statement of the role on that table. In an application that ignores errors, "
    "it looks as if there were no rows.",
    object=_OBJECT,
    fix=(
        "Put the inner query into a function with SECURITY DEFINER, which row security does not bind, and call that "
        "in the policy."
    ),
)
STEP_REJECTED = Rule(
    "SB055",
    "step-rejected",
    Severity.ERROR,
    "A step of a journey fails with an error that is not expected.",
    "The statement of the application fails in the same way: a constraint or a trigger rejects it, or its types do "
    "not fit.",
    object=_OBJECT,
    fix=(
        "Correct the statement, or the constraint or trigger that rejects it. If the error is meant, state it: "
        "`expect: error 23514`."
    ),
)
NOT_REFUSED = Rule(
    "SB056",
    "step-not-refused",
    Severity.ERROR,
    "A step of a journey that should fail succeeds.",
    "The role can do what it should not: a grant or a policy permits too much, or a constraint is missing. For "
    "example, customers can make themselves administrators in their own profiles.",
    object=_OBJECT,
    fix=(
        "Run `sessionaudit access TABLE --as ROLE`, which shows what lets the role do it, and revoke the privilege "
        "or narrow the policy."
    ),
)
ROWS_MISSING = Rule(
    "SB057",
    "step-rows-missing",
    Severity.ERROR,
    "A step of a journey returns or changes fewer rows than expected.",
    "There is no error: row security hides rows from a read, and an update that no policy permits changes nothing. "
    "For example, the dashboard of a mechanic stays empty.",
    object=_OBJECT,
    shows_rows=True,
    fix=(
        "Run `sessionaudit access TABLE --as ROLE`, which shows the policies that let rows of the table pass, and "
        "create the one that is missing."
    ),
)
ROWS_UNEXPECTED = Rule(
    "SB058",
    "step-rows-unexpected",
    Severity.ERROR,
    "A step of a journey returns or changes more rows than expected.",
    "Somebody sees or changes what belongs to others: row security is off, or a policy permits too much.",
    object=_OBJECT,
    shows_rows=True,
    fix=(
        "Run `sessionaudit access TABLE --as ROLE`, which shows why the rows pass, and enable row security or "
        "narrow the policy."
    ),
)
OTHER_VALUES = Rule(
    "SB059",
    "step-other-values",
    Severity.ERROR,
    "A step of a journey returns other values than expected.",
    "A trigger, a default or the statement itself produces another value than the application relies on.",
    object=_OBJECT,
    shows_rows=True,
    fix="Correct the trigger, the default or the statement that makes the value, or what the step expects.",
)
OTHER_ERROR = Rule(
    "SB060",
    "step-other-error",
    Severity.ERROR,
    "A step of a journey fails with another error than expected.",
    "It fails for the wrong reason: the check that should stop it may be missing, which this error hides.",
    object=_OBJECT,
    fix="Remove what fails first: the finding has its SQLSTATE. Then only what the step is about can stop it.",
)
UNKNOWN_ROLE = Rule(
    "SB061",
    "step-unknown-role",
    Severity.ERROR,
    "The role of a step of a journey does not exist.",
    "Nobody can send the statement as this role. It may be the wrong server, or a mistake in the contract.",
    object=_OBJECT,
    fix="Create the role, or correct its name in the contract.",
)
FAILS_AT_COMMIT = Rule(
    "SB062",
    "journey-fails-at-commit",
    Severity.ERROR,
    "Each step of a journey succeeds, but a deferred constraint would reject the transaction at COMMIT.",
    "Deferred constraints and constraint triggers are checked only when the transaction ends: each step succeeds, and "
    "then everything is rolled back.",
    object=_OBJECT,
    fix="Have the journey write what the constraint needs, or correct the constraint that the finding names.",
)
RULES = (
    *(UNKNOWN_NAME, IMPOSSIBLE_VALUE, STEP_REFUSED, RECURSIVE_POLICY, STEP_REJECTED, NOT_REFUSED),
    *(ROWS_MISSING, ROWS_UNEXPECTED, OTHER_VALUES, OTHER_ERROR, UNKNOWN_ROLE, FAILS_AT_COMMIT),
)
