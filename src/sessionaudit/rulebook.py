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

RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in sorted(
        {UNCERTAIN, MISNAMED, EXPIRED, *(rule for kind in KINDS for rule in kind.rules)}, key=lambda rule: rule.code
    )
}


def find(word: str) -> Rule | None:
    """The rule of this name or code, whatever its case."""
    folded = word.lower()
    return RULES.get(folded) or next((rule for rule in RULES.values() if rule.code.lower() == folded), None)
