"""The rules that every kind has, in the same words."""

from __future__ import annotations

from sessionaudit.core.finding import Rule, Severity


def missing(code: str, kind: str, consequence: str, severity: Severity = Severity.ERROR, words: str = "") -> Rule:
    """The rule for an object that the contract names and the database lacks; `words` where it is called otherwise."""
    words = words or kind.replace("-", " ")
    return Rule(
        code,
        f"missing-{kind}",
        severity,
        f"{_a(words)} of the contract does not exist.",
        f"Without it, {consequence}.",
        f"The {words} {{name}} of {{parent}} does not exist: {consequence}.",
    )


def unexpected(
    code: str, kind: str, consequence: str = "", severity: Severity = Severity.NOTE, words: str = ""
) -> Rule:
    """The rule for an object on a contract table that the contract does not name."""
    words = words or kind.replace("-", " ")
    ending = f": {consequence}" if consequence else ""
    return Rule(
        code,
        f"unexpected-{kind}",
        severity,
        f"{_a(words)} on a contract table is not in the contract.",
        f"Its purpose is not documented{ending}.",
        f"The {words} {{name}} of {{parent}} is not in the contract{ending}.",
    )


def forbidden(
    code: str, kind: str, consequence: str = "", severity: Severity = Severity.WARNING, words: str = ""
) -> Rule:
    """The rule for an object that the contract declares absent."""
    words = words or kind.replace("-", " ")
    ending = f": {consequence}" if consequence else ""
    return Rule(
        code,
        f"forbidden-{kind}",
        severity,
        f"{_a(words)} that the contract declares absent exists.",
        f"It was meant to be removed{ending}.",
        f"The {words} {{name}} of {{parent}} exists, and the contract declares it absent{ending}.",
    )


def _a(words: str) -> str:
    return f"{'An' if words[0] in 'aeiou' else 'A'} {words}"
