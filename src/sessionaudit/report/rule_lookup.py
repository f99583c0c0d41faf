"""What `sessionaudit rule` prints: the page of a rule, or rules with their summaries."""

from __future__ import annotations

import re
from textwrap import fill
from typing import TYPE_CHECKING

from sessionaudit.core.node import nearest
from sessionaudit.errors import UsageError
from sessionaudit.report.rule_example import all_examples
from sessionaudit.report.rule_page import WIDTH, as_text
from sessionaudit.report.rules import by_audit
from sessionaudit.rulebook import RULES, find

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.core.finding import Rule

_INDENT = " " * 7
_LISTS = "`sessionaudit rule` lists all rules."
_CODES = re.compile(r"\As[a-z]\d{0,2}\Z")


def listed() -> str:
    """Each rule with its summary, by audit."""
    parts: list[str] = []
    for audit, rules in by_audit():
        parts += [audit.upper(), *map(_line, rules), ""]
    return "\n".join(parts)


def explained(words: Sequence[str]) -> str:
    """For each word, the page of a rule for a terminal; or the rules of an audit, or those whose codes begin like this.

    Raises UsageError where there are none.
    """
    return "\n\n".join(dict.fromkeys(map(_explained, words)))


def _explained(word: str) -> str:
    rule = find(word)
    if rule is not None:
        return as_text(rule, all_examples().get(rule.name))
    if rules := _group(word.lower()):
        return "\n".join(map(_line, rules)) + "\n"
    raise UsageError(f"unknown rule “{word}”", hint=nearest(word.lower(), [*RULES, *dict(by_audit())]) or _LISTS)


def _group(word: str) -> list[Rule]:
    if rules := dict(by_audit()).get(word):
        return rules
    return [rule for rule in RULES.values() if rule.code.lower().startswith(word)] if _CODES.match(word) else []


def _line(rule: Rule) -> str:
    head = f"{rule.code}  {rule.name}"
    summary = fill(rule.summary, WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT)
    return f"{head}{rule.severity!s:>{WIDTH - len(head)}}\n{summary}"
