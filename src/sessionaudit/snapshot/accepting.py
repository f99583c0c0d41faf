"""Single findings that a contract takes over: each is named by its rule and its object."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.audits.selection import names
from sessionaudit.core.node import nearest
from sessionaudit.core.visible import shell_word
from sessionaudit.errors import UsageError
from sessionaudit.rulebook import REFUSED, RULES, find

_MOST = 10  # findings that are named

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sessionaudit.core.finding import Finding, Rule
    from sessionaudit.core.report import Report


class AcceptedFinding(NamedTuple):
    """What a call accepts: a rule, and a glob over objects."""

    rule: Rule
    glob: str

    def takes(self, finding: Finding, schema: str) -> bool:
        """Whether it names a finding; an unqualified name lives in `schema`."""
        return finding.rule is self.rule and names(self.glob, finding.ref, schema)


def read(words: Iterable[str]) -> tuple[AcceptedFinding, ...]:
    """Read words such as `SA201:orders.state`, or with a rule's name. Raises UsageError."""
    return tuple(_read(word) for word in words)


def _read(word: str) -> AcceptedFinding:
    name, colon, glob = word.partition(":")
    rule = find(name)
    if not colon or not glob.strip():
        raise UsageError(
            f"“{word}” is not CODE:OBJECT or RULE:OBJECT", hint="For example: SA201:orders.state, as check prints them."
        )
    if rule is None:
        raise UsageError(f"unknown rule “{name}”", hint=nearest(name, RULES) or "`sessionaudit rule` lists the rules.")
    return AcceptedFinding(rule, glob.strip())


def require_all(accepted: Sequence[AcceptedFinding], found: Sequence[Finding], schema: str) -> None:
    """Refuse what names no finding: a slip must not look like an accepted one. Raises UsageError."""
    for one in accepted:
        if not any(one.takes(finding, schema) for finding in found):
            near = sorted({finding.ref.dotted for finding in found if finding.rule is one.rule})
            raise UsageError(
                f"there is no finding {one.rule.code} {one.rule.name} of {one.glob}: nothing was changed",
                hint=nearest(one.glob, near) or "Run the command without --accept to see what is found.",
            )


def require_no_other(accepted: Sequence[AcceptedFinding], before: Report, after: Report, schema: str) -> None:
    """Refuse a change of a contract that takes over more than what was named. Raises UsageError.

    `before` and `after` are the reports by the contract as it stands, and as it would be.
    """
    found, still = (_findings(one) for one in (before, after))
    left = Counter(one.fingerprint for one in still)
    lost: list[Finding] = []
    for finding in found:
        if left[finding.fingerprint]:
            left[finding.fingerprint] -= 1
        elif not any(one.takes(finding, schema) for one in accepted):
            lost.append(finding)
    known = {one.fingerprint for one in found}
    new = [one for one in still if one.fingerprint not in known]
    moved = Counter((one.rule.code, one.facet) for one in new)  # of an object that has another name now
    more: list[Finding] = []
    for finding in lost:
        key = (finding.rule.code, finding.facet)
        if moved[key]:
            moved[key] -= 1
        else:
            more.append(finding)
    if more:
        named = [f"{one.rule.code}:{one.ref.dotted}" for one in more]
        words = " ".join(f"--accept {shell_word(name)}" for name in named[:_MOST])
        raise UsageError(
            "the contract cannot state that alone: it would also take over "
            f"{_listed([f'{one.rule.code} {one.rule.name} of {one.ref}' for one in more])}. Nothing was changed",
            hint=f"To accept them, too: {words}. Else change the contract by hand.",
        )
    refused = [one for one in new if one.rule is REFUSED]
    if refused:
        raise not_alone(refused[0].message)


def not_alone(why: str) -> UsageError:
    """The error for a finding that a contract can state only with others."""
    return UsageError(
        f"the contract cannot state that alone: {why[:1].lower()}{why[1:].rstrip('.')}. Nothing was changed",
        hint="Accept what else differs of the object, too, or change the contract by hand.",
    )


def _findings(report: Report) -> list[Finding]:
    return [*report.findings, *(finding for finding, _ in report.waived)]


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MOST
    return ", ".join(names[:_MOST]) + (f" and {more:,} more" if more > 0 else "")
