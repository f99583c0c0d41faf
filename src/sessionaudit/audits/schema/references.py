"""Tell how the objects with findings refer to each other, and whether they should. Names no kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.report import ObjectReference, ReferenceState
from sessionaudit.kinds import HOLDING, KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.contract.model import Contract
    from sessionaudit.core.kind import Kind
    from sessionaudit.core.report import Report
    from sessionaudit.core.schema import Schema

_HOLDERS = frozenset(kind.name for kind in HOLDING)


def references(contract: Contract, actual: Schema, report: Report) -> Iterator[ObjectReference]:
    """Return the references between objects that have findings, and those that are not as the contract has them.

    One that a waiver accepts is not there if it is missing, and right if it is there.
    """
    named = {name for finding in report.findings for name in _names(finding.holder)}
    found = {finding.ref for finding in report.findings}
    waived = {finding.ref for finding, _ in report.waived}
    for kind in KINDS:
        if kind.refers is None or not kind.within or kind.name not in actual.objects:
            continue
        declared, present = contract.objects[kind.name], actual.objects[kind.name]
        for path in dict.fromkeys((*declared, *present)):
            source, ref = dotted(path[:-1]), ObjectRef(kind.name, path)
            if source not in named:
                continue
            wanted = declared[path].value if path in declared and ref not in waived else None
            expected, there = _targets(kind, wanted), _targets(kind, present.get(path))
            for target in dict.fromkeys((*expected, *there)):
                state = _state(target in expected, target in there, has_finding=ref in found)
                if state is not ReferenceState.RIGHT or target in named:
                    yield ObjectReference(source, target, ref.name, state)


def _state(expected: bool, there: bool, *, has_finding: bool) -> ReferenceState:
    if expected and not there:
        return ReferenceState.MISSING
    if not has_finding:
        return ReferenceState.RIGHT
    return ReferenceState.DIFFERENT if expected else ReferenceState.UNEXPECTED


def _targets(kind: Kind[Any], value: Any) -> dict[str, None]:
    """Return the names of the objects to which one refers, of those that hold others."""
    refs = kind.refers(value) if kind.refers and value is not None else ()
    return {ref.dotted: None for ref in refs if ref.kind in _HOLDERS}


def _names(holder: str) -> Iterator[str]:
    """Return what findings are grouped under, and without the words before it, as in “rows of public.sessions”."""
    words = holder.split(" ")
    return (" ".join(words[place:]) for place in range(len(words)))
