"""What is said of rules: the list of all, and what each is about."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

from sessionaudit.core.node import nearest
from sessionaudit.errors import UsageError
from sessionaudit.rulebook import RULES, find, object_of

if TYPE_CHECKING:
    from sessionaudit.core.finding import Rule


def listed() -> str:
    """A line for each rule."""
    width = max(map(len, RULES))
    return "".join(
        f"{rule.code}  {rule.name:<{width}}  {rule.severity!s:<7}  {rule.summary}\n" for rule in RULES.values()
    )


def explained(code: str) -> str:
    """What a rule finds, why that matters, and how to change its severity. Raises UsageError where there is none."""
    rule = find(code)
    if rule is None:
        raise UsageError(f"unknown rule “{code}”", hint=nearest(code.lower(), RULES))
    return (
        f"{rule.code} {rule.name} ({rule.severity})\n\n{fill(rule.summary, 80)}\n\n{fill(rule.why, 80)}\n\n"
        f"To change its severity, or to switch it off, in the contract:\n\n{to_change(rule)}\n\n"
        f"To accept one finding for a time:\n\n{to_waive(rule)}\n"
    )


def to_change(rule: Rule) -> str:
    """What the contract says to change a rule's severity."""
    return f"rules:\n  {rule.name}: error | warning | note | ignore"


def to_waive(rule: Rule) -> str:
    """What the contract says to accept a finding of a rule."""
    waiver = f"{{rule: {rule.name}, object: {object_of(rule)}, reason: WHY, owner: WHO, until: YYYY-MM-DD}}"
    return f"waivers:\n  - {waiver}"
