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
        f"{_sentence(consequence)}.",
        f"The {words} {{name}} of {{parent}} does not exist: {consequence}.",
    )


def unexpected(
    code: str, kind: str, consequence: str = "", severity: Severity = Severity.NOTE, words: str = ""
) -> Rule:
    """The rule for an object on a contract table that the contract does not name."""
    words = words or kind.replace("-", " ")
    ending = f": {consequence}" if consequence else ""
    why = f" {_sentence(consequence)}." if consequence else ""
    return Rule(
        code,
        f"unexpected-{kind}",
        severity,
        f"{_a(words)} on a contract table is not in the contract.",
        f"It was created by hand, or by a migration that the contract does not follow yet.{why}",
        f"The {words} {{name}} of {{parent}} is not in the contract{ending}.",
        fix="Declare it in the contract; or declare it `absent` there, and `sessionaudit repair` drops it.",
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


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]


def _a(words: str) -> str:
    return f"{'An' if words[0] in 'aeiou' else 'A'} {words}"
