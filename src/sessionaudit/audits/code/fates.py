"""Judge what becomes of a failure of each request: whoever called must be able to hear of it."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from sessionaudit.audits.code import rules
from sessionaudit.audits.code.model import Action, CodeRequest, Fate, Known
from sessionaudit.audits.code.verdict import CodeVerdict
from sessionaudit.core.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sessionaudit.audits.code.model import Span
    from sessionaudit.audits.code.passing import CallersFate, HeardFailure
    from sessionaudit.core.kind import ObjectPath

_WRITES = frozenset((Action.INSERT, Action.UPSERT, Action.UPDATE, Action.DELETE, Action.CALL))
_RULE = {Fate.IGNORED: rules.IGNORED_ERROR, Fate.LOGGED: rules.LOGGED_ERROR, Fate.SWALLOWED: rules.SWALLOWED_ERROR}
_SAID = {
    Fate.IGNORED: "Nobody looks at the error of {what}.",
    Fate.LOGGED: "The error of {what} is only logged, and the code goes on.",
    Fate.SWALLOWED: "The error of {what} is thrown into a catch that only logs.",
}
_PASSES = {
    Fate.RESULT: "returns",
    Fate.RETURNED: "returns in some form",
    Fate.THROWN: "throws",
}
_SO = " If it fails, whoever called is told that it went well."


class Importance(Struct, frozen=True, kw_only=True):
    """Which tables an invariant of the contract stands on, and which are written on a best-effort basis, as globs."""

    schema: str
    critical: frozenset[ObjectPath] = frozenset()
    best_effort: tuple[str, ...] = ()

    def of(self, path: ObjectPath) -> Severity:
        """Return how bad it is that a write of a table may be lost."""
        if path in self.critical:
            return Severity.ERROR
        names = {".".join(path), *(path[1:] if path[0] == self.schema else ())}
        if any(fnmatchcase(name, glob) for glob in self.best_effort for name in names):
            return Severity.NOTE
        return Severity.WARNING


def of_fates(
    requests: Iterable[CodeRequest],
    found: Sequence[CodeVerdict],
    importance: Importance,
    elsewhere: Sequence[CallersFate] = (),
) -> Iterator[CodeVerdict]:
    """Return what is wrong about the fates of requests; `found` are the other verdicts, on the same requests.

    `elsewhere` are fates of failures that functions pass on to other files.
    """
    certain = {id(one.subject): one for one in reversed(found) if one.certain and one.rule.severity is Severity.ERROR}
    own = [(str(request.at), _Heard(request.fate, request.fate_at), request) for request in requests]
    # A function may be called for several tables, or several pass their failures on to one place: each is told of once.
    others = [(told(one.request), _heard(one.heard), one.request) for one in elsewhere]
    worst: dict[tuple[str, Span], CodeVerdict] = {}
    for about, heard, request in (*own, *others):
        one = _of_fate(request, heard, certain, importance)
        if one is not None and ((about, one.at) not in worst or _badness(one) > _badness(worst[about, one.at])):
            worst[about, one.at] = one
    yield from worst.values()


def _badness(one: CodeVerdict) -> tuple[bool, Severity]:
    return one.certain, one.severity or one.rule.severity


class _Heard(NamedTuple):
    """What becomes of a failure, and where; `passed` says how it got there, if the request stands elsewhere."""

    fate: Fate
    at: Span | None
    passed: str = ""


def _heard(one: HeardFailure) -> _Heard:
    return _Heard(one.fate, one.at, f", which {one.called}() {_PASSES[one.function.how]},")


def _of_fate(
    request: CodeRequest, heard: _Heard, certain: Mapping[int, CodeVerdict], importance: Importance
) -> CodeVerdict | None:
    """Return what is wrong about a fate of a request; `certain` has why a request fails each time, by its identity."""
    what = told(request) + heard.passed
    at = heard.at or request.at
    if heard.fate is Fate.UNSENT:
        message = f"Nobody awaits or executes {what.rstrip(',')}: it is never sent."
        at = at if heard.passed else request.at
        return CodeVerdict(rule=rules.NEVER_SENT, subject=request, at=at, message=message)
    if heard.fate not in _RULE or request.action not in _WRITES:
        return None
    said = _SAID[heard.fate].format(what=what).replace(",.", ".")
    failing = certain.get(id(request))
    if failing is not None:
        message = f"{said} It fails each time ({failing.rule.name}): {failing.message}"
        needs = (*((failing.ref,) if failing.ref else ()), *failing.stands_on)
        return CodeVerdict(
            rule=rules.SILENT_FAILURE, subject=request, at=at, message=message, stands_on=needs, sql=failing.sql
        )
    path = path_of(request, importance.schema)
    return CodeVerdict(
        rule=_RULE[heard.fate],
        subject=request,
        at=at,
        message=said + _SO,
        certain=False,
        severity=importance.of(path) if path else None,
    )


def told(request: CodeRequest) -> str:
    """Return a request in words: the insert into session_requests."""
    name = request.target.value if isinstance(request.target, Known) else "a table that is not known"
    match request.action:
        case Action.INSERT | Action.UPSERT:
            return f"the {request.action} into {name}"
        case Action.UPDATE:
            return f"the update of {name}"
        case Action.DELETE:
            return f"the delete from {name}"
        case Action.CALL:
            return f"the call of {name}"
        case Action.LISTEN:
            return f"the subscription to {name}"
        case Action.SELECT:
            return f"the select from {name}"


def path_of(request: CodeRequest, schema: str) -> ObjectPath | None:
    """Return the table that a request names, if that is known."""
    if not isinstance(request.target, Known) or request.action is Action.CALL:
        return None
    said = request.schema
    if said is not None and not isinstance(said, Known):
        return None
    return (str(said.value) if said is not None else schema, str(request.target.value))
