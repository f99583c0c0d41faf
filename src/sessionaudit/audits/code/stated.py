"""Find what a contract states that would make a request right: what it names, or needs, and the database lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.code import rules
from sessionaudit.audits.code.fates import path_of
from sessionaudit.audits.code.model import CodeRequest
from sessionaudit.core.ref import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sessionaudit.audits.code.verdict import CodeVerdict
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.kind import ObjectPath

_RELATIONS = ("table", "view", "materialized_view", "foreign_table")


def needed(one: CodeVerdict, contract: Contract, schema: str) -> tuple[ObjectRef, ...]:
    """Return the objects on which a request stands, and those of the contract that it lacks; the most telling first."""
    lacks = _LACKED.get(one.rule.code)
    found = [ObjectRef(*each) for each in (lacks(one, contract, schema) if lacks else ())]
    return tuple(dict.fromkeys((*found, *((one.ref,) if one.ref else ()), *one.stands_on)))


def target(one: CodeVerdict, schema: str) -> tuple[ObjectRef, ...]:
    """Return what a request is about, by the kinds of which it may be."""
    path = path_of(one.subject, schema) if isinstance(one.subject, CodeRequest) else None
    return tuple(ObjectRef(kind, path) for kind in _RELATIONS) if path else ()


def _named(one: CodeVerdict, schema: str) -> ObjectPath:
    """The relation or function that is named, and not there."""
    word = one.actual or ""
    request = one.subject
    if isinstance(request, CodeRequest):
        return ((path_of(request, schema) or (schema,))[0], word)
    first, dot, last = word.partition(".")
    return (first, last) if dot else (schema, word)


def _relation(one: CodeVerdict, contract: Contract, schema: str) -> Iterator[tuple[str, ObjectPath]]:
    path = _named(one, schema)
    yield from ((kind, path) for kind in _RELATIONS if path in contract.objects.get(kind, {}))


def _function(one: CodeVerdict, contract: Contract, schema: str) -> Iterator[tuple[str, ObjectPath]]:
    path = one.ref.path[:2] if one.ref else _named(one, schema)
    yield from (("function", each) for each in contract.objects.get("function", {}) if each[:2] == path)


def _relationship(one: CodeVerdict, contract: Contract, schema: str) -> Iterator[tuple[str, ObjectPath]]:
    own = one.ref.path[:2] if one.ref else ()
    for path, declared in contract.objects.get("foreign_key", {}).items():
        if declared.value is None:
            continue
        ends = {path[:2], declared.value.target}
        other = (own[0] if own else schema, one.actual or "")
        if own in ends and (other in ends or one.actual in {path[2], *declared.value.columns}):
            yield "foreign_key", path


def _key(one: CodeVerdict, contract: Contract, _schema: str) -> Iterator[tuple[str, ObjectPath]]:
    own = one.ref.path[:2] if one.ref else ()
    wanted = {word.strip().strip('"') for word in (one.actual or "").split(",")}
    for path, declared in contract.objects.get("key", {}).items():
        if path[:2] == own and declared.value is not None and {*declared.value.columns} == wanted:
            yield "key", path


def _policy(one: CodeVerdict, contract: Contract, _schema: str) -> Iterator[tuple[str, ObjectPath]]:
    own = one.ref.path[:2] if one.ref else ()
    role, _, command = (one.actual or "").rpartition(" ")
    for path, declared in contract.objects.get("policy", {}).items():
        policy = declared.value
        if path[:2] != own or policy is None or policy.command not in {command, "all"}:
            continue
        if {role, "public"} & {*policy.roles}:
            yield "policy", path


def _published(one: CodeVerdict, contract: Contract, _schema: str) -> Iterator[tuple[str, ObjectPath]]:
    own = one.ref.path[:2] if one.ref else ()
    yield from (("publication", path) for path in contract.objects.get("publication", {}) if path[1:] == own)


_LACKED: dict[str, Callable[[CodeVerdict, Contract, str], Iterator[tuple[str, ObjectPath]]]] = {
    rules.UNKNOWN_TABLE.code: _relation,
    rules.UNKNOWN_FUNCTION.code: _function,
    rules.MISSING_RELATIONSHIP.code: _relationship,
    rules.NO_CONFLICT_KEY.code: _key,
    rules.NO_ROW_PASSES.code: _policy,
    rules.UNHEARD_TABLE.code: _published,
}
