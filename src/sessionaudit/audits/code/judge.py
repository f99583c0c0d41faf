"""Judge requests and statements of code against a database: PostgreSQL parses each, and executes none.

What the schema cache of PostgREST decides was judged when the request was compiled. What is wrong with one part of a
statement is replaced, and the rest is parsed again, so that one mistake does not hide another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from sessionaudit.audits.code.aggregates import judge_aggregates
from sessionaudit.audits.code.closed_schemas import closed_schemas
from sessionaudit.audits.code.compiling import Compiled, compiled
from sessionaudit.audits.code.lacking import WHOLE, LackingDatabase
from sessionaudit.audits.code.listening import compile_listening
from sessionaudit.audits.code.model import Action, CodeRequest, Span
from sessionaudit.audits.code.null_operands import judge_nulls
from sessionaudit.audits.code.payloads import judge_payload
from sessionaudit.audits.code.postgrest.choices import variants
from sessionaudit.audits.code.postgrest.wire import sent_for
from sessionaudit.audits.code.refusals_of_parts import quoted_in, verdict_of
from sessionaudit.audits.code.rights.judging import judge_rights
from sessionaudit.audits.code.roles import SentAs
from sessionaudit.audits.code.searches import judge_searches
from sessionaudit.audits.code.statements import judge_statements
from sessionaudit.audits.code.verdict import CodeVerdict, Judgement
from sessionaudit.core import sqlstate
from sessionaudit.postgres.parse import parse_all
from sessionaudit.sql.text import identifier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sessionaudit.audits.code.model import CodeStatement
    from sessionaudit.audits.code.schema_cache.model import SchemaCache
    from sessionaudit.postgres.connection import Connection
    from sessionaudit.postgres.parse import ParseRefusal

_MOST_ROUNDS = 12
_OF_EXTENSIONS = "extensions"
_SEARCH_PATH = "select pg_catalog.set_config('search_path', %s, true)"


class _Parsing(Struct):
    """A statement that is parsed, until nothing more is wrong with it."""

    compiled: Compiled
    muted: set[int] = field(default_factory=set[int])
    text: str = ""


class _Key(NamedTuple):
    """What makes two verdicts one."""

    code: str
    at: Span
    actual: str | None


def judge(
    connection: Connection,
    subjects: Iterable[CodeRequest | CodeStatement],
    cache: SchemaCache,
    *,
    roles_of: Callable[[CodeRequest], SentAs] = lambda _request: SentAs(),
    lacks: LackingDatabase = WHOLE,
    search_path: str = "",
    watch: Callable[[Compiled, SchemaCache], None] | None = None,
) -> Judgement:
    """Judge requests and statements, in the open transaction.

    `cache` is of the same database. `roles_of` returns the roles that a request may be sent as; if none is known, its
    rights are not judged. `lacks` says what the database may be without: that is not judged. `search_path` is that of
    the statements; by default the exposed schemas. `watch` is told of each request as it was compiled. Raises
    psycopg.Error.
    """
    given = list(subjects)
    result = Judgement(verdicts=[], not_judged=[])
    requests = [one for one in given if isinstance(one, CodeRequest)]
    connection.execute(_SEARCH_PATH, (search_path or path_of_statements(cache.schemas),))
    if given:
        beside = (_OF_EXTENSIONS,) if len(requests) < len(given) else ()
        result.skipped = closed_schemas(connection, (*cache.schemas, *beside))
    of_requests = [[compiled(sent_for(one), cache) for one in variants(request)] for request in requests]
    every = [one for group in of_requests for one in group]
    for one in every:
        if one.request.action is Action.LISTEN and one.relation is not None:
            compile_listening(one, one.relation, cache.published)
    result.parsed = _parse(connection, every)
    if watch:
        for one in every:
            watch(one, cache)
    judge_payload(connection, every, cache)
    judge_searches(connection, every)
    for one in every:
        judge_nulls(one)
        judge_aggregates(one, cache)
    if not lacks.partial:  # which says nothing of rights that the contract does not name
        result.notes = judge_rights(connection, [(one, roles_of(one.request)) for one in every])
    for request, group in zip(requests, of_requests, strict=True):
        # Of changes nobody is told unless they are published, which only a publication says.
        whole = request.action is not Action.LISTEN or cache.published is not None
        _collect(result, request, group, whole=whole)
    judge_statements(connection, [one for one in given if not isinstance(one, CodeRequest)], result)
    lacks.leave(result)
    result.verdicts.sort(key=lambda one: (one.at, one.rule.code))
    return result


def path_of_statements(schemas: Iterable[str]) -> str:
    """Return the search path of statements, for an API that exposes some schemas."""
    return ", ".join(map(identifier, (*schemas, _OF_EXTENSIONS)))


def _parse(connection: Connection, every: Sequence[Compiled]) -> int:
    """Parse all statements, again without what is wrong with them; return how many different ones there were."""
    known: dict[str, ParseRefusal | None] = {}
    waiting = [_Parsing(one) for one in every if one.sql is not None]
    for _ in range(_MOST_ROUNDS):
        for one in waiting:
            one.text = one.compiled.sql.text(one.muted) if one.compiled.sql else ""
        new = [text for text in dict.fromkeys(one.text for one in waiting) if text not in known]
        known.update(zip(new, parse_all(connection, new), strict=True))
        waiting = [one for one in waiting if _went_on(one, known[one.text])]
        if not waiting:
            break
    for one in waiting:
        one.compiled.leave(one.compiled.at, f"it has {_MOST_ROUNDS} mistakes, and was not looked at beyond these")
    return len(known)


def _went_on(one: _Parsing, refusal: ParseRefusal | None) -> bool:
    """Note a refusal; whether the statement is to be parsed again without its cause."""
    sql = one.compiled.sql
    if refusal is None or sql is None:
        return False
    mark, atom = sql.at(refusal.position, one.muted) if refusal.position else (None, None)
    if mark is None:
        mark, atom = sql.called(quoted_in(refusal.message), one.muted)
    verdict = verdict_of(one.compiled, refusal, mark)
    if verdict is not None:
        one.compiled.verdicts.append(replace(verdict, sql=sql.text()))
    else:
        at = mark.at if mark and mark.at else one.compiled.request.at
        one.compiled.leave(at, _why(refusal))
    if atom is None or atom in one.muted:
        return False
    one.muted.add(atom)
    return True


def _why(refusal: ParseRefusal) -> str:
    if refusal.state == sqlstate.INSUFFICIENT_PRIVILEGE:
        return f"the role that judges may not look it up: {refusal.message}"
    return f"the server does not tell which part it means: {refusal.message} ({refusal.state})"


def _collect(result: Judgement, request: CodeRequest, group: Sequence[Compiled], *, whole: bool) -> None:
    """Note what was found of a request; what only some of its choices have is not certain.

    It is proven if nothing is wrong, and if it was judged as a `whole`.
    """
    found: dict[_Key, list[CodeVerdict]] = {}
    for one in group:
        for key, verdict in {_key(verdict): verdict for verdict in one.verdicts}.items():
            found.setdefault(key, []).append(verdict)
        text = one.sql.text() if one.sql else ""
        one.not_judged[:] = [each._replace(sql=text) for each in one.not_judged]
        result.sql.setdefault(id(request), text)
        for verdicts in found.values():
            if verdicts[-1].subject is one.request and not verdicts[-1].sql:
                verdicts[-1] = replace(verdicts[-1], sql=text)
    for verdicts in found.values():
        certain = len(verdicts) == len(group) and all(one.certain for one in verdicts)
        at = verdicts[0].at if verdicts[0].at.line else request.at  # a value that stands nowhere in the text
        result.verdicts.append(replace(verdicts[0], subject=request, at=at, certain=certain))
    left = {(one.at, one.why): one for each in reversed(group) for one in reversed(each.not_judged)}
    result.not_judged += reversed(left.values())
    if not found and not left and whole:
        result.proven += 1


def _key(verdict: CodeVerdict) -> _Key:
    return _Key(verdict.rule.code, verdict.at, verdict.actual)
