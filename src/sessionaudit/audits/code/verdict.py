"""Define what is found about a request or a statement of the code."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field

from sessionaudit.core.node import close

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.audits.code.model import CodeRequest, CodeStatement, Span
    from sessionaudit.core.finding import Rule, Severity, Skipped
    from sessionaudit.core.ref import ObjectRef


class CodeVerdict(Struct, frozen=True, kw_only=True):
    """Something wrong about a request, at a place of the code.

    `state` is the code of PostgREST or PostgreSQL. `ref` is the object that it is about. `hint` names what was
    probably meant, or what to do. `sql` is the statement that was judged. `stands_on` are the objects that the request
    needs to be right. It is `certain` if the request fails each time. `severity` is None for that of the rule. Without
    a `subject`, it is about a comment.
    """

    rule: Rule
    at: Span
    message: str
    state: str = ""
    ref: ObjectRef | None = None
    expected: str | None = None
    actual: str | None = None
    hint: str = ""
    sql: str = ""
    stands_on: tuple[ObjectRef, ...] = ()
    certain: bool = True
    severity: Severity | None = None
    subject: CodeRequest | CodeStatement | None = None


class NotJudged(NamedTuple):
    """Something of a request that could not be judged, and why; `sql` is the statement, if there is one.

    It was `parsed` if the server takes it, so that what it uses is known.
    """

    at: Span
    why: str
    sql: str = ""
    parsed: bool = False


class Judgement(Struct, kw_only=True):
    """What came of judging: the verdicts, what was not judged, and how many different statements were parsed.

    `proven` are the requests and statements of which everything was judged, and nothing is wrong. `notes` say of which
    requests the rights were not judged. `sql` has the statement of each request, by its identity.
    By the rules `unjudged` nothing was judged, or not all.
    """

    verdicts: list[CodeVerdict]
    not_judged: list[NotJudged]
    parsed: int = 0
    proven: int = 0
    notes: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    sql: dict[int, str] = field(default_factory=dict[int, str])
    unjudged: frozenset[Rule] = frozenset()


def meant(word: str, known: Iterable[str]) -> str:
    """Return a hint with the known name most similar to an unknown one; "" if none is."""
    return close(word, known)
