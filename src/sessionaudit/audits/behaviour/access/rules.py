"""Define the rules about access."""

from __future__ import annotations

from sessionaudit.core.finding import Rule, Severity

_ACCESS = "SCHEMA.NAME.ROLE"
_POLICY = "SCHEMA.TABLE.POLICY"

LACKING = Rule(
    "SB001",
    "lacking-access",
    Severity.ERROR,
    "A role can do less than the contract states.",
    "Reads return no rows, updates and deletes change nothing without an error, or a command is refused (42501): "
    "users wait for rows that exist. The finding names the grant or the policy that is missing, or lets no row "
    "pass.",
    object=_ACCESS,
    fix=(
        "Grant the privilege, or create the policy, that the finding names. If the contract states it under "
        "`grants` or `policies`, `sessionaudit repair` prints the SQL."
    ),
)
EXCESS = Rule(
    "SB002",
    "excess-access",
    Severity.ERROR,
    "A role can do more than the contract states.",
    "It can read or change rows that it should not, and no error shows that.",
    object=_ACCESS,
    fix=(
        "Revoke the privilege, or narrow the policy, that the finding names. If the role is meant to do it, state "
        "that under `access`."
    ),
)
OPEN_WRITE = Rule(
    "SB003",
    "open-write",
    Severity.WARNING,
    "A policy lets every role, or visitors who are not logged in, write any row.",
    "Its condition is always true, and the privilege is granted: whoever reaches the API can write any row.",
    object=_ACCESS,
    fix=(
        "Give the policy a condition, such as `with check (owner_id = auth.uid())`, or revoke the privilege. If it "
        "is meant, state it in the contract: `access: {anon: {insert: all}}`."
    ),
    otherwise="An error for UPDATE and DELETE, and a warning for INSERT.",
)
RECURSIVE = Rule(
    "SB004",
    "recursive-policy",
    Severity.ERROR,
    "The policies of a table read themselves: each command of the role fails.",
    "To apply the policy, PostgreSQL must read the table, and to read it, apply the policy: it reports infinite "
    "recursion (42P17).",
    object=_ACCESS,
    fix=(
        "Look the rows up in a function with SECURITY DEFINER, which row security does not bind, and call that in "
        "the policy."
    ),
)
CAPTURED = Rule(
    "SB005",
    "captured-name",
    Severity.ERROR,
    "A policy compares a column with itself.",
    "Inside a subquery, a bare name means the column of the inner table, if that has one of this name. The "
    "comparison is then true for every row, as in m.team = m.team, and the policy lets rows of others pass.",
    object=_POLICY,
    fix="Write the name of the outer table before the column: `m.team = orders.team`.",
)
UNSECURED = Rule(
    "SB006",
    "unsecured-table",
    Severity.ERROR,
    "Row security is off on a table that a role of the API may write.",
    "Whoever has the public key of the API, or is logged in, can change or delete every row.",
    object=_ACCESS,
    fix=(
        "Run `alter table NAME enable row level security` and create policies, or revoke the privileges. If all of "
        "it is meant, state it in the contract: `access: {authenticated: all}`."
    ),
)
UNUSABLE_GRANT = Rule(
    "SB007",
    "grant-without-policy",
    Severity.WARNING,
    "A role has privileges on a table, and row security lets no row pass.",
    "Reads return no rows, and updates and deletes change nothing, without an error; inserts fail (42501).",
    object=_ACCESS,
    fix=(
        "Create the policy that is missing, or revoke the privileges. If no row is meant to pass, state it in the "
        "contract: `access: {anon: none}`."
    ),
)
UNUSABLE_POLICY = Rule(
    "SB008",
    "policy-without-grant",
    Severity.WARNING,
    "A policy is for a role that lacks the privilege.",
    "A policy gives no privilege: each such command of the role fails (42501).",
    object=_ACCESS,
    fix="Grant the privilege to the role, or drop the policy.",
)
UNFIXED_PATH = Rule(
    "SB009",
    "unfixed-search-path",
    Severity.WARNING,
    "A SECURITY DEFINER function has no fixed search_path, and a role of the API may call it.",
    "Names in it are looked up on the search_path of the caller. Whoever can create objects in a schema on that "
    "path can have them run with the privileges of the owner.",
    object="'SCHEMA.NAME(ARGUMENTS).ROLE'",
    fix="Run `alter function NAME set search_path = ''`, and write the schema before each name in its body.",
)
REFUSED_BY_POLICY = Rule(
    "SB010",
    "refused-by-policy",
    Severity.ERROR,
    "A policy, a view or a default needs something that the role may not use.",
    "A role needs the privileges on what a policy reads and calls; what a view reads, its owner needs. The command "
    "is refused (42501), although the role has the privilege on the table.",
    object=_ACCESS,
    fix=(
        "Grant what the finding names, or look the rows up in a function with SECURITY DEFINER and call that in the "
        "policy."
    ),
)
UNSEEN_WRITE = Rule(
    "SB011",
    "unseen-write",
    Severity.WARNING,
    "A role may update or delete rows that no policy lets it read.",
    "An update or delete with WHERE or RETURNING finds only rows that the policies for SELECT let pass: it changes "
    "nothing, without an error. One without WHERE changes them all.",
    object=_ACCESS,
    fix="Create a policy for SELECT that shows the role the rows that it may change.",
)

RULES = (
    *(LACKING, EXCESS, OPEN_WRITE, RECURSIVE, CAPTURED, UNSECURED, UNUSABLE_GRANT, UNUSABLE_POLICY, UNFIXED_PATH),
    *(REFUSED_BY_POLICY, UNSEEN_WRITE),
)
