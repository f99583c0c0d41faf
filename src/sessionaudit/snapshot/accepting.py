"""Single findings that a contract takes over: each is named by its rule and its object."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.audits.selection import names
from sessionaudit.core.node import nearest
from sessionaudit.errors import UsageError
from sessionaudit.rulebook import RULES, find

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sessionaudit.core.finding import Finding, Rule


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
