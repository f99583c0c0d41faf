"""Define the rules about journeys."""

from __future__ import annotations

from sessionaudit.core.finding import Rule, Severity

_OBJECT = "JOURNEY"
UNKNOWN_NAME = Rule(
    "SB051",
    "step-unknown-name",
    Severity.ERROR,
    "A step of a journey names a table, column or function that does not exist.",
    "The application's statement fails in the same way, each time. For example, an insert of metadata before the "
    "migration that adds the column.",
    object=_OBJECT,
)
IMPOSSIBLE_VALUE = Rule(
    "SB052",
    "step-impossible-value",
    Severity.ERROR,
    "A step of a journey has a value that its type does not have.",
    "The statement fails with 22P02 or another error of data. For example, a status that the enum lacks.",
    object=_OBJECT,
)
STEP_REFUSED = Rule(
    "SB053",
    "step-refused",
    Severity.ERROR,
    "A step of a journey is refused to its role, which should succeed.",
    "Users get 42501 instead: a grant is missing, or no policy lets the new row pass. Expecting “no rows” is not met "
    "by a refusal.",
    object=_OBJECT,
)
RECURSIVE_POLICY = Rule(
    "SB054",
    "step-policy-recursion",
    Severity.ERROR,
    "The policies of a table refer to each other in a circle, so that a step fails.",
    "PostgreSQL raises 42P17 for each statement of the role on that table; where an application ignores errors, that "
    "looks as if there were no rows. Put the inner query into a SECURITY DEFINER function.",
    object=_OBJECT,
)
STEP_REJECTED = Rule(
    "SB055",
    "step-rejected",
    Severity.ERROR,
    "A step of a journey fails with an error that is not expected.",
    "The application's statement fails in the same way: a constraint or a trigger rejects it, or its types do not fit.",
    object=_OBJECT,
)
NOT_REFUSED = Rule(
    "SB056",
    "step-not-refused",
    Severity.ERROR,
    "A step of a journey succeeds that should fail.",
    "Somebody can do what nobody in this role should: a grant or a policy permits too much, or a constraint is "
    "missing. For example, a customer who updates the role in the own profile.",
    object=_OBJECT,
)
ROWS_MISSING = Rule(
    "SB057",
    "step-rows-missing",
    Severity.ERROR,
    "A step of a journey returns or changes fewer rows than expected.",
    "No error tells of it: row security hides rows from a read, and an update that no policy permits changes nothing. "
    "For example, a mechanic's dashboard that stays empty.",
    object=_OBJECT,
)
ROWS_UNEXPECTED = Rule(
    "SB058",
    "step-rows-unexpected",
    Severity.ERROR,
    "A step of a journey returns or changes more rows than expected.",
    "Somebody sees or changes what belongs to others: row security is off, or a policy permits too much.",
    object=_OBJECT,
)
OTHER_VALUES = Rule(
    "SB059",
    "step-other-values",
    Severity.ERROR,
    "A step of a journey returns other values than expected.",
    "A trigger, a default or the statement itself makes something else than the application relies on.",
    object=_OBJECT,
)
OTHER_ERROR = Rule(
    "SB060",
    "step-other-error",
    Severity.ERROR,
    "A step of a journey fails with another error than expected.",
    "It fails for the wrong reason: what should stop it may be missing, and is hidden by that error.",
    object=_OBJECT,
)
UNKNOWN_ROLE = Rule(
    "SB061",
    "step-unknown-role",
    Severity.ERROR,
    "The role of a step of a journey does not exist.",
    "Nobody can send the statement as this role. Create the role, or correct its name in the contract.",
    object=_OBJECT,
)
FAILS_AT_COMMIT = Rule(
    "SB062",
    "journey-fails-at-commit",
    Severity.ERROR,
    "All steps of a journey are done, and a deferred constraint would reject the whole at COMMIT.",
    "Deferred constraints and constraint triggers are checked only when the transaction ends: each step succeeds, and "
    "then everything is rolled back.",
    object=_OBJECT,
)
RULES = (
    *(UNKNOWN_NAME, IMPOSSIBLE_VALUE, STEP_REFUSED, RECURSIVE_POLICY, STEP_REJECTED, NOT_REFUSED),
    *(ROWS_MISSING, ROWS_UNEXPECTED, OTHER_VALUES, OTHER_ERROR, UNKNOWN_ROLE, FAILS_AT_COMMIT),
)
