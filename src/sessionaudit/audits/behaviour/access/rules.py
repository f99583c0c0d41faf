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
    "Reads are empty, updates and deletes change nothing without an error, or a command is refused (42501): users wait "
    "for rows that are there. The finding says which grant or policy is not there or lets nothing pass.",
    object=_ACCESS,
)
EXCESS = Rule(
    "SB002",
    "excess-access",
    Severity.ERROR,
    "A role can do more than the contract states.",
    "It may read or change rows that it should not, and nothing tells anybody.",
    object=_ACCESS,
)
OPEN_WRITE = Rule(
    "SB003",
    "open-write",
    Severity.WARNING,
    "A policy lets everybody, or visitors who are not logged in, write every row.",
    "Its condition is true, and the privilege is granted: whoever reaches the database may do it. If that is meant, "
    "state it, as in: access: {anon: {insert: all}}.",
    object=_ACCESS,
)
RECURSIVE = Rule(
    "SB004",
    "recursive-policy",
    Severity.ERROR,
    "The policies of a table read themselves: each command of the role fails.",
    "PostgreSQL detects infinite recursion (42P17). Look the rows up in a function with SECURITY DEFINER, which row "
    "security does not bind.",
    object=_ACCESS,
)
CAPTURED = Rule(
    "SB005",
    "captured-name",
    Severity.ERROR,
    "A policy compares a column with itself.",
    "Inside of a subquery a bare name means the column of the inner table, if that has one of this name. As in p.id = "
    "p.id, the comparison is true for every row, and the policy lets rows of others pass. Write the name of the outer "
    "table before the column.",
    object=_POLICY,
)
UNSECURED = Rule(
    "SB006",
    "unsecured-table",
    Severity.ERROR,
    "Row security is off on a table that a role of the API may write.",
    "Whoever has the public key of the API may change or delete every row. Enable row security, or revoke the "
    "privileges; if all of it is meant, state it, as in: access: {authenticated: all}.",
    object=_ACCESS,
)
UNUSABLE_GRANT = Rule(
    "SB007",
    "grant-without-policy",
    Severity.WARNING,
    "A role has privileges on a table, and row security lets no row pass.",
    "Reads are empty, and updates and deletes change nothing, without an error; inserts fail (42501). Add the policy "
    "that is missing, or revoke the privileges; if none is meant, state it, as in: access: {anon: none}.",
    object=_ACCESS,
)
UNUSABLE_POLICY = Rule(
    "SB008",
    "policy-without-grant",
    Severity.WARNING,
    "A policy is for a role that lacks the privilege.",
    "Policies give no privileges: each such command of the role fails (42501). Grant it, or drop the policy.",
    object=_ACCESS,
)
UNFIXED_PATH = Rule(
    "SB009",
    "unfixed-search-path",
    Severity.WARNING,
    "A function with its owner's rights has no fixed search_path, and a role of the API may call it.",
    "Names in it are looked up where the caller says: who may create objects in any schema on the path can have the "
    "owner run them. Add: set search_path = '' to the function, and qualify its names.",
    object="'SCHEMA.NAME(ARGUMENTS).ROLE'",
)
REFUSED_BY_POLICY = Rule(
    "SB010",
    "refused-by-policy",
    Severity.ERROR,
    "A policy, view or default needs what the role may not use.",
    "What a policy reads and calls, the role must be allowed to read and call; what a view reads, its owner. So the "
    "command is refused (42501), although the role has the privilege on the table. Grant what is missing, or look the "
    "rows up in a function with SECURITY DEFINER.",
    object=_ACCESS,
)
UNSEEN_WRITE = Rule(
    "SB011",
    "unseen-write",
    Severity.WARNING,
    "A role may update or delete rows that no policy lets it read.",
    "An update or delete with WHERE or RETURNING finds only rows that the policies for SELECT let pass: it changes "
    "nothing, without an error. One without WHERE changes them.",
    object=_ACCESS,
)

RULES = (
    *(LACKING, EXCESS, OPEN_WRITE, RECURSIVE, CAPTURED, UNSECURED, UNUSABLE_GRANT, UNUSABLE_POLICY, UNFIXED_PATH),
    *(REFUSED_BY_POLICY, UNSEEN_WRITE),
)
