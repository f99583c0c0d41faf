"""Every rule, by its name."""

from __future__ import annotations

from importlib import import_module

from sessionaudit.audits import AUDITS
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
IDLE = Rule(
    "SA008",
    "idle-waiver",
    Severity.NOTE,
    "A waiver of the contract covers nothing that was found.",
    "What it accepted is mended, or never was as it is spelled: then nothing is accepted, and a slip looks like a "
    "decision. One for an object that neither the contract nor the database has is a warning.",
)

# What any audit may find, and what is found of the contract itself.
_SHARED = (UNCERTAIN, MISNAMED, EXPIRED, REFUSED, NO_SCHEMA, IDLE)
_OWN: dict[str, tuple[Rule, ...]] = {
    audit: import_module(f"sessionaudit.audits.{audit}.rules").RULES for audit in AUDITS
}
RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in sorted({*_SHARED, *(rule for rules in _OWN.values() for rule in rules)}, key=lambda rule: rule.code)
}
_AUDIT_OF = {rule.name: audit for audit, rules in _OWN.items() for rule in rules}


def audit_of(rule: Rule) -> str | None:
    """The audit that alone has a rule; None of one that any audit may have."""
    return _AUDIT_OF.get(rule.name)


def find(word: str) -> Rule | None:
    """The rule of this name or code, whatever its case."""
    folded = word.lower()
    return RULES.get(folded) or next((rule for rule in RULES.values() if rule.code.lower() == folded), None)


def object_of(rule: Rule) -> str:
    """How a waiver of a rule names its object: an invariant by its name, all else by the parts of its path."""
    if rule.object:
        return rule.object
    path = next((kind.path for kind in KINDS if rule in kind.rules), ("object",))
    dotted = ".".join(path).upper()
    return f"'{dotted.removesuffix('.ARGUMENTS')}(ARGUMENTS)'" if dotted.endswith(".ARGUMENTS") else dotted
