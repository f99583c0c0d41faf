"""Tell which relations have policies that may read themselves, so that the server need not be asked of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sessionaudit.postgres.access.model import AccessFacts, ReadRelation


def leading_to_cycles(facts: AccessFacts) -> frozenset[int]:
    """Return the oids of relations whose policies, by way of what they and views read, lead to one that is read again.

    Which of the policies apply to a role, only the server tells.
    """
    graph = {oid: frozenset(_read(relation)) for oid, relation in facts.relations.items()}
    within = {oid for oid in graph if oid in _reachable(graph, oid)}
    return frozenset(oid for oid in graph if oid in within or _reachable(graph, oid) & within)


def _read(relation: ReadRelation) -> Iterator[int]:
    yield from (one.relation for one in relation.reads)
    for policy in relation.policies:
        for condition in (policy.using, policy.check):
            yield from (one.relation for one in condition.reads) if condition else ()


def _reachable(graph: Mapping[int, frozenset[int]], start: int) -> set[int]:
    found: set[int] = set()
    waiting = list(graph.get(start, ()))
    while waiting:
        oid = waiting.pop()
        if oid not in found:
            found.add(oid)
            waiting += graph.get(oid, ())
    return found
