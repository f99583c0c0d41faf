"""Define the rules of the code audit."""

from __future__ import annotations

from sessionaudit.core.finding import Rule, Severity

_OBJECT = "FILE"
_LOST = (
    "An error where an invariant of the contract requires rows of the table; "
    "a note where `best_effort` names the table."
)
UNKNOWN_TABLE = Rule(
    "SC001",
    "unknown-table",
    Severity.ERROR,
    "Code names a table or view that does not exist, or that the API does not expose.",
    "Each such request fails with PGRST205 or 42P01. For example, .from('session_request') where the table is "
    "session_requests, or a table of a schema that PostgREST does not expose.",
    object=_OBJECT,
    fix=(
        "Correct the name. If the table is in another schema that PostgREST exposes, list that under `schemas` of "
        "the section `code`, and name it in the code with `.schema()`."
    ),
)
UNKNOWN_COLUMN = Rule(
    "SC002",
    "unknown-column",
    Severity.ERROR,
    "Code names a column that the table does not have.",
    "PostgREST refuses a write with PGRST204, and PostgreSQL a read with 42703: nothing is read or written. For "
    "example, .insert({ metadata }) before the migration that adds the column.",
    object=_OBJECT,
    fix=(
        "Correct the name, or add the column. If the contract states the column, `sessionaudit repair` prints the SQL."
    ),
)
IMPOSSIBLE_VALUE = Rule(
    "SC003",
    "impossible-value",
    Severity.ERROR,
    "Code compares a column with a value that its type does not have, or writes one.",
    "The whole statement fails with 22P02 or another error of data, not only for that value. For example, "
    ".in('status', ['pending', 'unattended']) where the enum has no unattended.",
    object=_OBJECT,
    fix="Correct the value, or add it to the type.",
)
UNKNOWN_FUNCTION = Rule(
    "SC004",
    "unknown-function",
    Severity.ERROR,
    "Code calls a function that does not exist, or not with arguments of these names.",
    "PostgREST finds functions by the names of the arguments, and answers PGRST202. For example, "
    ".rpc('accept_request', { id }) where the parameter is called request_id.",
    object=_OBJECT,
    fix="Call the function by the names of its parameters, or create it.",
)
AMBIGUOUS_FUNCTION = Rule(
    "SC005",
    "ambiguous-function",
    Severity.ERROR,
    "Code calls a function of which several fit the names of the arguments.",
    "PostgREST does not choose between functions by the types of their arguments, and answers PGRST203.",
    object=_OBJECT,
    fix="Drop one of the functions, or rename a parameter of it.",
)
MISSING_RELATIONSHIP = Rule(
    "SC006",
    "missing-relationship",
    Severity.ERROR,
    "Code embeds a table to which no foreign key leads.",
    "PostgREST derives joins from foreign keys between exposed schemas, and answers PGRST200. For example, a column "
    "that references auth.users does not lead to profiles.",
    object=_OBJECT,
    fix="Create the foreign key, or read the rows with a second request.",
)
AMBIGUOUS_RELATIONSHIP = Rule(
    "SC007",
    "ambiguous-relationship",
    Severity.ERROR,
    "Code embeds a table to which several foreign keys lead, without naming one.",
    "PostgREST answers PGRST201. It often begins with a migration that adds a second foreign key to the same table.",
    object=_OBJECT,
    fix="Name the foreign key: `profiles!sessions_customer_id_fkey(full_name)`.",
)
MALFORMED_QUERY = Rule(
    "SC008",
    "malformed-query",
    Severity.ERROR,
    "PostgREST cannot parse a select, a filter or an order.",
    "The request fails with PGRST100 or PGRST108. For example, a comma after the last column, or an order by a "
    "table that is not embedded.",
    object=_OBJECT,
    fix="Correct the text where the finding points.",
)
WRONG_OPERATOR = Rule(
    "SC009",
    "wrong-operator",
    Severity.ERROR,
    "Code uses an operator or a cast that the type of the column does not have.",
    "PostgreSQL refuses the statement with 42883, 42804 or 42846. For example, .ilike() on a uuid or on an enum, and "
    ".is('status', true) on a text.",
    object=_OBJECT,
    fix="Use an operator that the type has, such as `.eq()`, or query a view that casts the column.",
)
OMITTED_COLUMN = Rule(
    "SC010",
    "omitted-required-column",
    Severity.ERROR,
    "Code inserts rows without a column that does not permit null and has no default.",
    "Each insert fails with 23502. For example, a migration added the column, and one place that inserts was "
    "overlooked.",
    object=_OBJECT,
    fix="Write the column, or give it a default in the database.",
)
NULL_VALUE = Rule(
    "SC011",
    "null-in-required-column",
    Severity.ERROR,
    "Code writes null into a column that does not permit it.",
    "The statement fails with 23502. A default does not help: it stands for a column that is left out, not for null.",
    object=_OBJECT,
    fix="Leave the column out, so that it gets its default, or write a value.",
)
GENERATED_COLUMN = Rule(
    "SC012",
    "generated-column-written",
    Severity.ERROR,
    "Code writes a column whose values the database generates always.",
    "The statement fails with 428C9. For example, an object that was read from the table is written back whole.",
    object=_OBJECT,
    fix="Leave the column out.",
)
NO_CONFLICT_KEY = Rule(
    "SC013",
    "conflict-without-unique-key",
    Severity.ERROR,
    "An upsert names columns that no unique index has.",
    "Each such upsert fails with 42P10. A partial unique index does not count, and the order of the columns does not "
    "matter.",
    object=_OBJECT,
    fix="Name the columns of a unique key in `onConflict`, or create a unique index on the columns that it names.",
)
REFUSED_BY_CHECK = Rule(
    "SC014",
    "refused-by-check",
    Severity.ERROR,
    "Code writes a value that a check constraint of the column, or of its domain, refuses.",
    "The statement fails with 23514. For example, update({ status: 'expired' }) where the check lists the values.",
    object=_OBJECT,
    fix="Write a value that the check accepts, or change the check.",
)
UNFILTERED_WRITE = Rule(
    "SC015",
    "unfiltered-write",
    Severity.WARNING,
    "Code updates or deletes without any filter.",
    "It changes every row of the table, or fails (21000) where the extension safeupdate is loaded, as on hosted "
    "databases.",
    object=_OBJECT,
    fix=(
        "Add a filter, such as `.eq('id', id)`. If every row is meant, say so above it: `// sessionaudit: "
        "ignore[unfiltered-write] REASON`."
    ),
)
SEVERAL_ROWS = Rule(
    "SC016",
    "single-of-many",
    Severity.NOTE,
    "Code wants a single row of a query that may return several.",
    "single() and maybeSingle() answer PGRST116 as soon as there are two rows, which no unique key prevents here. For "
    "example, the latest request of a customer without limit(1).",
    object=_OBJECT,
    fix="Add `.order()` and `.limit(1)`, or filter by the columns of a unique key.",
)
MISSING_PRIVILEGE = Rule(
    "SC017",
    "missing-privilege-in-code",
    Severity.ERROR,
    "Code sends a request for which the role of its key lacks a privilege.",
    "PostgreSQL refuses the statement with 42501. For example, a table that was created after the platform had "
    "stopped granting privileges by itself.",
    object=_OBJECT,
    fix=(
        "Grant the privilege, or use a client whose role has it. If the contract states it under `grants`, "
        "`sessionaudit repair` prints the SQL."
    ),
)
NO_ROW_PASSES = Rule(
    "SC018",
    "no-row-passes",
    Severity.ERROR,
    "Code reads or writes a table of which row security lets the role see no row.",
    "A select returns no rows, and an update or delete changes none, without an error. An insert fails with 42501.",
    object=_OBJECT,
    fix="Create the policy that is missing: `sessionaudit access TABLE --as ROLE` shows those that are there.",
)
RECURSIVE_POLICY = Rule(
    "SC019",
    "recursive-policy-in-code",
    Severity.ERROR,
    "Code uses a table whose policies refer to the table itself.",
    "Each statement of that role fails with 42P17. For example, a policy on profiles looks up the role of the user "
    "in profiles.",
    object=_OBJECT,
    fix=(
        "Look the rows up in a function with SECURITY DEFINER, which row security does not bind, and call that in "
        "the policy."
    ),
)
UNSEEN_EFFECT = Rule(
    "SC020",
    "unseen-effect",
    Severity.NOTE,
    "Code updates or deletes under row security, and does not look at the rows that were changed.",
    "Where no policy lets a row pass, nothing is changed, without an error. Only the rows in the answer, which "
    ".select() asks for, show that.",
    object=_OBJECT,
    fix="Add `.select()`, and treat an empty answer as a failure.",
)
REJECTED_STATEMENT = Rule(
    "SC021",
    "rejected-statement",
    Severity.ERROR,
    "PostgreSQL rejects a statement in code.",
    "It fails whenever it is run. For example, a comma before FROM, or an ambiguous name of a column.",
    object=_OBJECT,
    fix="Correct the statement: the finding has the message of PostgreSQL.",
)
IGNORED_ERROR = Rule(
    "SC022",
    "ignored-error",
    Severity.WARNING,
    "Code does not look at the error of a request.",
    "supabase-js returns errors, and does not throw them: a try around the call catches nothing, and the code goes "
    "on as if the rows had been written.",
    object=_OBJECT,
    fix="Read `error`, and throw or return it; or call `.throwOnError()`.",
    otherwise=_LOST,
)
LOGGED_ERROR = Rule(
    "SC023",
    "logged-error",
    Severity.WARNING,
    "Code logs the error of a request, and goes on.",
    "Whoever called is told that it went well. For example, the session is created, its request is not, and the "
    "customer waits for nobody.",
    object=_OBJECT,
    fix="After logging the error, throw it or return it to the caller.",
    otherwise=_LOST,
)
SWALLOWED_ERROR = Rule(
    "SC024",
    "swallowed-error",
    Severity.WARNING,
    "Code throws the error of a request into a catch that only logs.",
    "The error looks handled, but whoever called is told that it went well.",
    object=_OBJECT,
    fix="Throw the error again after logging it, or return it to the caller.",
    otherwise=_LOST,
)
NEVER_SENT = Rule(
    "SC025",
    "never-sent",
    Severity.ERROR,
    "Code composes a request that nobody awaits.",
    "supabase-js sends a request when it is awaited, and supabase-py when execute() is called: without that, "
    "nothing is sent, and nothing fails.",
    object=_OBJECT,
    fix="Write `await` before the request; in Python, call `.execute()`.",
)
SILENT_FAILURE = Rule(
    "SC026",
    "silent-certain-failure",
    Severity.ERROR,
    "A request fails each time, and nobody looks at its error.",
    "What it should write is never written, and nothing tells anybody. For example, the insert of a request into a "
    "table that lacks a column, in a try that logs and goes on.",
    object=_OBJECT,
    fix=(
        "Correct the request first: the rule in parentheses says what is wrong with it. Then throw or return its error."
    ),
)
UNUSED_SUPPRESSION = Rule(
    "SC027",
    "unused-suppression",
    Severity.WARNING,
    "A comment suppresses a finding that does not exist.",
    "It would hide the next finding of that rule at this place.",
    object=_OBJECT,
    fix="Remove the comment.",
)
UNEXPLAINED_SUPPRESSION = Rule(
    "SC028",
    "unexplained-suppression",
    Severity.WARNING,
    "A comment that suppresses findings gives no reason.",
    "Without a reason it suppresses nothing: the findings are reported.",
    object=_OBJECT,
    fix="Write the reason behind the rule: `// sessionaudit: ignore[logged-error] the mail is sent again`.",
)

NULL_AS_TEXT = Rule(
    "SC029",
    "null-compared-as-text",
    Severity.WARNING,
    "Code compares a text with null, and the text “null” is sent.",
    "PostgREST has only “is” for null: .eq('note', null) asks for rows whose note is the word null, and finds none. "
    "For .neq() it is a note, as rows without a value are not found either way.",
    object=_OBJECT,
    fix="Write `.is('note', null)`, or `.not('note', 'is', null)`.",
)
REFUSED_AGGREGATE = Rule(
    "SC030",
    "refused-aggregate",
    Severity.ERROR,
    "Code uses an aggregate function, and PostgREST is configured to refuse them.",
    "The request fails with PGRST123. PostgREST permits amount.sum() and count() only where db-aggregates-enabled "
    "is true. table(count) is always permitted.",
    object=_OBJECT,
    fix=(
        "Compute it in a view or a function; or run `alter role authenticator set pgrst.db_aggregates_enabled = "
        "'true'`, for the role that PostgREST connects as, and `notify pgrst, 'reload config'`."
    ),
)

UNHEARD_TABLE = Rule(
    "SC031",
    "unheard-table",
    Severity.ERROR,
    "Code listens to the changes of a table that is not in the publication of Realtime.",
    "Nothing fails, and no change ever arrives. For example, a list of open requests is right only after the page "
    "has been loaded again.",
    object=_OBJECT,
    fix=(
        "Run `alter publication supabase_realtime add table NAME`. If the contract lists the table under "
        "`publications`, `sessionaudit repair` prints the SQL."
    ),
)

RULES = (
    *(UNKNOWN_TABLE, UNKNOWN_COLUMN, IMPOSSIBLE_VALUE, UNKNOWN_FUNCTION, AMBIGUOUS_FUNCTION),
    *(MISSING_RELATIONSHIP, AMBIGUOUS_RELATIONSHIP, MALFORMED_QUERY, WRONG_OPERATOR),
    *(OMITTED_COLUMN, NULL_VALUE, GENERATED_COLUMN, NO_CONFLICT_KEY, REFUSED_BY_CHECK),
    *(UNFILTERED_WRITE, SEVERAL_ROWS, MISSING_PRIVILEGE, NO_ROW_PASSES, RECURSIVE_POLICY, UNSEEN_EFFECT),
    *(REJECTED_STATEMENT, IGNORED_ERROR, LOGGED_ERROR, SWALLOWED_ERROR, NEVER_SENT, SILENT_FAILURE),
    *(UNUSED_SUPPRESSION, UNEXPLAINED_SUPPRESSION, NULL_AS_TEXT, REFUSED_AGGREGATE, UNHEARD_TABLE),
)
# What is about a role and a table as a whole, where the value found is the role.
OF_ROLES = frozenset((MISSING_PRIVILEGE, NO_ROW_PASSES, UNSEEN_EFFECT, RECURSIVE_POLICY))
