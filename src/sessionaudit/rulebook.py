"""Collect every rule, by its name."""

from __future__ import annotations

from importlib import import_module

from sessionaudit.audits import AUDITS
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.kinds import KINDS, SCHEMAS
from sessionaudit.kinds.lint_rules import RULES as OF_CONTRACTS

UNCERTAIN = Rule(
    "SA001",
    "uncertain",
    Severity.WARNING,
    "Two expressions differ in spelling, and it is not known whether they mean the same.",
    "It may be drift, or two spellings of one expression. The server can tell, by means of a temporary table that "
    "is rolled back; but not on a standby, in a read-only connection, or without TEMPORARY on the database.",
    fix=(
        "Write the expression in the contract as PostgreSQL prints it, which the finding shows as “actual”. Or let "
        "the server decide: check without `--read-only`, not on a standby, as a role that has TEMPORARY on the "
        "database."
    ),
)
MISNAMED = Rule(
    "SA002",
    "misnamed-object",
    Severity.NOTE,
    "An object exists as expected, but under another name.",
    "The object does what it should. Migrations that alter or drop it by the expected name fail.",
    "The {whole} exists as expected, but is named {actual}: migrations that use the expected name fail.",
)
EXPIRED = Rule(
    "SA003",
    "expired-waiver",
    Severity.WARNING,
    "The last day of a waiver is over.",
    "What it accepted counts as a finding again.",
    fix="Fix what the waiver was for and remove it, or agree on a new date and write that into the contract.",
)
REFUSED = Rule(
    "SA004",
    "refused-contract",
    Severity.ERROR,
    "PostgreSQL rejects a definition in the contract, and not because of a missing object.",
    "No database can match it: the contract has a mistake, or refers to something that it does not declare. The "
    "object in the database is not checked until the contract is corrected.",
    fix=(
        "Correct the definition in the contract: the finding has the message of the server. If an extension "
        "provides what is missing, list it under `extensions`."
    ),
)
NO_SCHEMA = SCHEMAS.missing
IDLE = Rule(
    "SA008",
    "idle-waiver",
    Severity.NOTE,
    "A waiver of the contract matches no finding.",
    "What it accepted has been fixed, or the name of its object is misspelled. Left in the contract, it would hide "
    "the same finding later. It is a warning if neither the contract nor the database has the object.",
    fix="Remove the waiver, or correct the name of its object.",
)
UNEXPECTED = Rule(
    "SA009",
    "unexpected-object",
    Severity.NOTE,
    "An object exists that the other database does not have (check --against).",
    "It was created in one of the databases only: by hand, or by a migration that was not applied to the other.",
    "The {whole} exists here, and not in the other database.",
    fix="Create it in the other database too, or drop it here.",
)

# The rules that any audit may have, and those about the contract itself; of `lint` alone there are more.
_SHARED = (UNCERTAIN, MISNAMED, EXPIRED, REFUSED, NO_SCHEMA, IDLE, UNEXPECTED)
_OWN: dict[str, tuple[Rule, ...]] = {
    audit: import_module(f"sessionaudit.audits.{audit}.rules").RULES for audit in AUDITS
}
RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in sorted(
        {*_SHARED, *OF_CONTRACTS, *(rule for rules in _OWN.values() for rule in rules)}, key=lambda rule: rule.code
    )
}
_AUDIT_OF = {rule.name: audit for audit, rules in _OWN.items() for rule in rules}
_AUDIT_OF |= {rule.name: "contract" for rule in OF_CONTRACTS}  # of which `check` knows nothing


def audit_of(rule: Rule) -> str | None:
    """Return the only audit that has a rule; None if any audit may have it."""
    return _AUDIT_OF.get(rule.name)


def find(word: str) -> Rule | None:
    """Find a rule by its name or code, in any case."""
    folded = word.lower()
    return RULES.get(folded) or next((rule for rule in RULES.values() if rule.code.lower() == folded), None)


def object_of(rule: Rule) -> str:
    """Return how a waiver of a rule names its object: an invariant by name, others by the parts of the path."""
    if rule.object:
        return rule.object
    path = next((kind.path for kind in KINDS if rule in kind.rules), ("object",))
    dotted = ".".join(path).upper()
    return f"'{dotted.removesuffix('.ARGUMENTS')}(ARGUMENTS)'" if dotted.endswith(".ARGUMENTS") else dotted
