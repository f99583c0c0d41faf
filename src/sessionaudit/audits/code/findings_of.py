"""Make findings of verdicts: with the line of code, what they stand on, and what follows from them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sessionaudit.audits.code import rules
from sessionaudit.audits.code.fates import path_of
from sessionaudit.audits.code.model import Action, CodeRequest, Known
from sessionaudit.audits.code.secret_texts import masked
from sessionaudit.audits.code.stated import needed, target
from sessionaudit.audits.code.tree import CALL
from sessionaudit.core.finding import Finding, Location
from sessionaudit.core.ref import ObjectRef, Spelled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sessionaudit.audits.code.model import Span
    from sessionaudit.audits.code.verdict import CodeVerdict
    from sessionaudit.contract.model import Contract

_MOST_SHOWN = 400  # characters of a line, which a tool may have made of a whole file
_OF_VALUES = frozenset((rules.IMPOSSIBLE_VALUE, rules.REFUSED_BY_CHECK))  # of the others the message says all
_OF_FATES = frozenset(
    (rules.IGNORED_ERROR, rules.LOGGED_ERROR, rules.SWALLOWED_ERROR, rules.NEVER_SENT, rules.SILENT_FAILURE)
)
_WRITES = frozenset((Action.INSERT, Action.UPSERT, Action.UPDATE, Action.DELETE))


def findings_of(
    verdicts: Iterable[CodeVerdict], contract: Contract, schema: str, line_of: Callable[[Span], str]
) -> Iterator[Finding]:
    """Return the findings, in the order of their places; `line_of` returns the text of a line."""
    seen: Counter[tuple[str, ...]] = Counter()
    for one in sorted(verdicts, key=lambda verdict: verdict.at):
        stands_on = needed(one, contract, schema)
        subject = one.subject
        name = _name(subject) if isinstance(subject, CodeRequest) else "statement" if subject else "comment"
        about = masked(str(one.ref) if one.ref else one.actual or "")
        key = (one.rule.code, one.at.file, name, about)
        seen[key] += 1
        again = f" {seen[key]}" if seen[key] > 1 else ""
        yield Finding(
            rule=one.rule,
            severity=one.severity or one.rule.severity,
            ref=ObjectRef(CALL, (Spelled(one.at.file), Spelled(f" {name}{again}"))),
            facet=about,
            expected=one.expected if one.rule in _OF_VALUES else None,
            actual=masked(one.actual) if one.actual is not None and one.rule in _OF_VALUES else None,
            message=_message(one),
            locations=(_location(one.at, line_of), *_declared((*stands_on, *target(one, schema)), contract)),
            stands_on=stands_on,
            holder=one.at.file,
            explains=tuple(_explained(one, contract, schema)),
            statement=masked(one.sql),
        )


def _message(one: CodeVerdict) -> str:
    said = one.message if one.message.endswith((".", "?", "!")) else f"{one.message}."
    first = said.split(" ", 1)[0]
    said = said[0].upper() + said[1:] if first.isalpha() else said
    subject = one.subject
    if subject is not None and subject.at.file != one.at.file:
        word = "written" if one.rule in _OF_FATES else "used"
        said += f" It is {word} at {subject.at.file}:{subject.at.line}."
    elif subject is not None and one.actual and one.at.line < subject.at.line:
        said += f" It is used at line {subject.at.line}."
    hint = f"Run: {one.hint}" if one.hint.endswith(";") else one.hint
    return masked(f"{said} {hint}".rstrip())


def _name(request: CodeRequest) -> str:
    target = request.target.value if isinstance(request.target, Known) else "?"
    return masked(f"{request.action} {target}")


def _location(at: Span, line_of: Callable[[Span], str]) -> Location:
    line = line_of(at)
    length = at.end_column - at.column if at.end_line == at.line else len(line) - at.column + 1
    before = max(at.column - 1 - _MOST_SHOWN // 2, 0) if len(line) > _MOST_SHOWN else 0
    return Location(at.file, at.line, at.column, line[before : before + _MOST_SHOWN], max(length, 1), before)


def _declared(refs: Iterable[ObjectRef], contract: Contract) -> Iterator[Location]:
    """Where the contract states the first of some objects that it does state."""
    for ref in refs:
        declared = contract.objects.get(ref.kind, {}).get(ref.path)
        if declared is not None:
            yield declared.location()
            return


def _explained(one: CodeVerdict, contract: Contract, schema: str) -> Iterator[ObjectRef]:
    """The invariants of which rows are missing where a write fails, or nobody hears of it."""
    request = one.subject
    if not isinstance(request, CodeRequest) or request.action not in _WRITES:
        return
    path = path_of(request, schema)
    if path is not None:
        yield from (invariant.ref for invariant in contract.invariants if invariant.has and invariant.has.path == path)
