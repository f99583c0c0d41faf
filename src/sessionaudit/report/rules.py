"""What is said of rules: what to do about them, and in a contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits import AUDITS
from sessionaudit.rulebook import RULES, audit_of, object_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.core.finding import Rule

ANY_AUDIT = "any audit"


def by_audit() -> Iterable[tuple[str, list[Rule]]]:
    """The rules of each audit, and those that any may have; in the order of their codes."""
    for audit in dict.fromkeys((None, *AUDITS, *map(audit_of, RULES.values()))):
        yield audit or ANY_AUDIT, [rule for rule in RULES.values() if audit_of(rule) == audit]


def remedy(rule: Rule) -> str:
    """What to do about a finding of a rule."""
    return rule.fix or "Run `sessionaudit repair`, which prints the SQL that corrects it; with `--apply` it runs it."


def to_change(rule: Rule) -> str:
    """What the contract says to change a rule's severity."""
    return f"rules:\n  {rule.name}: error | warning | note | ignore"


def to_waive(rule: Rule, waived: str = "") -> str:
    """What the contract says to accept a finding of a rule, on an object as YAML spells it."""
    told = {
        "rule": rule.name,
        "object": waived or object_of(rule),
        "reason": "WHY",
        "owner": "WHO",
        "until": "YYYY-MM-DD",
    }
    first, *others = (f"{word}: {said}" for word, said in told.items())
    return "\n".join(("waivers:", f"  - {first}", *(f"    {line}" for line in others)))
