"""Apply the comments in code that suppress findings, and judge the comments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.code import rules
from sessionaudit.audits.code.verdict import CodeVerdict
from sessionaudit.core.node import close

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sessionaudit.audits.code.model import CodeFile, Suppression
    from sessionaudit.core.finding import Rule

_NAMES = {word: rule for rule in rules.RULES for word in (rule.name, rule.code, rule.code.lower())}


def suppressed(
    file: CodeFile, found: Sequence[CodeVerdict], unjudged: Collection[Rule] = ()
) -> tuple[list[CodeVerdict], int]:
    """Return the verdicts on a file that no comment suppresses, with those on its comments, and how many it does.

    Of a comment about rules that are `unjudged` it is not known whether it suppresses anything.

    A comment suppresses what is found on its line or on a request that begins there; or, if it stands alone, on the
    next one. Further such comments may stand between.
    """
    left: list[CodeVerdict] = []
    used: set[int] = set()
    lines = _lines(file.suppressions)
    for one in found:
        by = [number for number, comment in enumerate(file.suppressions) if _covers(comment, lines[number], one)]
        used.update(by)
        if not any(file.suppressions[number].reason for number in by):
            left.append(one)
    count = len(found) - len(left)
    for number, comment in enumerate(file.suppressions):
        about = {_NAMES.get(word) for word in comment.rules}
        open_ = bool(unjudged) and (not about or not about.isdisjoint(unjudged))
        if wrong := _wrong(comment, used=number in used or open_):
            left.append(wrong)
    return left, count


def _lines(comments: Sequence[Suppression]) -> list[set[int]]:
    """Return the lines that each of the comments is about."""
    after = {one.at.line: one.at.end_line + 1 for one in comments if one.alone}
    found: list[set[int]] = []
    for one in comments:
        line = one.at.end_line + 1 if one.alone else one.at.line
        while line in after and one.alone:
            line = after[line]
        found.append({one.at.line, line})
    return found


def _covers(comment: Suppression, lines: set[int], one: CodeVerdict) -> bool:
    if not lines & {one.at.line, one.subject.at.line if one.subject else 0}:
        return False
    return not comment.rules or any(_NAMES.get(word) is one.rule for word in comment.rules)


def _wrong(comment: Suppression, *, used: bool) -> CodeVerdict | None:
    said = f"sessionaudit: ignore[{', '.join(comment.rules)}]"
    unknown = [word for word in comment.rules if word not in _NAMES]
    if unknown:
        hint = close(unknown[0], _NAMES)
        message = f"“{said}” names no rule of the code audit: “{unknown[0]}”."
        return CodeVerdict(rule=rules.UNUSED_SUPPRESSION, at=comment.at, message=message, hint=hint, certain=False)
    if not used:
        message = f"“{said}” suppresses nothing: there is no such finding. Remove it."
        return CodeVerdict(rule=rules.UNUSED_SUPPRESSION, at=comment.at, message=message, certain=False)
    if not comment.reason:
        message = f"“{said}” gives no reason, and suppresses nothing. Write one behind it."
        return CodeVerdict(rule=rules.UNEXPLAINED_SUPPRESSION, at=comment.at, message=message, certain=False)
    return None
