"""Find what goes with the objects that the steps of a plan drop or recreate: what is in them or on them, and remarks.

A contract need not name it, so it is read from the whole of the schemas concerned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from sessionaudit.core.ref import ObjectRef
from sessionaudit.core.step import Hazard, State
from sessionaudit.kinds import KINDS
from sessionaudit.postgres import catalog
from sessionaudit.postgres.connection import closing, connect
from sessionaudit.repair.containment import around

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.step import Step
    from sessionaudit.postgres.connection import Url
    from sessionaudit.repair.propose import Proposal

_KINDS = {kind.name: kind for kind in KINDS}
_SYSTEM = frozenset({"pg_catalog", "information_schema"})


def with_all(url: Url, proposal: Proposal, statement_timeout: float) -> Proposal:
    """Return a proposal that also knows the objects that go with what its steps drop or recreate.

    The time is in seconds, for each query. Raises DatabaseError.
    """
    examination = proposal.examination
    schemas = _schemas([*_dropped(proposal.plan.steps), *_remarked(proposal.plan.steps)], examination.actual.schemas)
    if not schemas:
        return proposal
    with closing(connect(url)) as connection:
        found = catalog.read_all(
            connection,
            lambda: schemas,
            schema=lambda: examination.contract.schema,
            statement_timeout=statement_timeout,
        ).objects
    known = examination.actual.objects
    objects = {kind.name: {**found.get(kind.name, {}), **known.get(kind.name, {})} for kind in KINDS}
    return replace(proposal, examination=replace(examination, actual=replace(examination.actual, objects=objects)))


def taken_along(steps: Sequence[Step], objects: Mapping[str, Mapping[ObjectPath, Any]]) -> Iterator[ObjectRef]:
    """Return the objects that go with what the steps drop or recreate, as far as they are among the `objects`."""
    if not _remarked(steps):  # nothing is dropped
        return
    dropped = _with_followers(_dropped(steps), objects)
    lost = _with_followers({step.ref for step in steps if Hazard.DATA_LOSS in step.hazards}, objects)
    tables = {ref.path[:2] for ref in lost}
    gone = [
        ObjectRef(kind, path)
        for kind, paths in objects.items()
        for path in paths
        if (_KINDS[kind].within and path[:2] in tables) or any(ref in dropped for ref in around(_KINDS[kind], path))
    ]
    gone += _with_followers({*dropped, *gone}, objects) - {*gone} - _dropped(steps)
    yield from gone
    remarked = {*_remarked(steps), *gone}
    remarked |= {ObjectRef(ref.kind, (ref.path[0], ref.path[-1])) for ref in remarked if _KINDS[ref.kind].on_relation}
    for kind in KINDS:
        if kind.about is not None:
            about = kind.about
            yield from (ObjectRef(kind.name, path) for path in objects.get(kind.name, ()) if remarked & {*about(path)})


def _with_followers(refs: set[ObjectRef], objects: Mapping[str, Mapping[ObjectPath, Any]]) -> set[ObjectRef]:
    """Return some objects with those that go with them, such as the partitions of a table, and with these."""
    found, new = {*refs}, {*refs}
    while new:
        new = {
            ObjectRef(kind.name, path)
            for kind in KINDS
            if kind.goes_with is not None
            for path, model in objects.get(kind.name, {}).items()
            if new & {*kind.goes_with(model)}
        } - found
        found |= new
    return found


def _dropped(steps: Sequence[Step]) -> set[ObjectRef]:
    """Return the objects that steps drop, or may drop and recreate."""
    return {
        step.ref
        for step in steps
        if not {Hazard.DROP, Hazard.DATA_LOSS}.isdisjoint(step.hazards)
        or any(one.state is State.ABSENT for one in step.provides)
    }


def _remarked(steps: Sequence[Step]) -> set[ObjectRef]:
    """Return the objects of which steps drop something, on which there may be a remark."""
    return _dropped(steps) | {step.ref for step in steps if step.gated}


def _schemas(refs: Collection[ObjectRef], known: Collection[str]) -> list[str]:
    """Return the schemas of objects; all of the user's where one is in none."""
    if any(not {"schema"} & {*_KINDS[ref.kind].path} for ref in refs):
        return sorted({*known} - _SYSTEM)
    return sorted({ref.path[_KINDS[ref.kind].path.index("schema")] for ref in refs} & {*known})
