"""Make findings on what a role may do with an object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.finding import Finding
from sessionaudit.core.ref import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.audits.behaviour.access.wanted import WantedObject
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.finding import Rule, Severity
    from sessionaudit.core.kind import ObjectPath

ACCESS = "access"
EVERYBODY = "public"


def access_ref(path: ObjectPath, role: str) -> ObjectRef:
    """Return the reference of what a role may do with an object."""
    return ObjectRef(ACCESS, (*path, role))


def holder_of(wanted: WantedObject) -> str:
    """Return what findings on an object are printed under."""
    return str(ObjectRef(wanted.kind, wanted.path))


def grants_of(path: ObjectPath, role: str) -> tuple[ObjectRef, ...]:
    """Return the privileges that a role has on a relation: its own, and those of everybody."""
    return tuple(ObjectRef("grant", (*path, name)) for name in (role, EVERYBODY))


def policy_refs(path: ObjectPath, names: Sequence[str]) -> tuple[ObjectRef, ...]:
    """Return the references of policies of a relation."""
    return tuple(ObjectRef("policy", (*path, name)) for name in names)


def grounds(contract: Contract, wanted: WantedObject, role: str) -> tuple[ObjectRef, ...]:
    """Return what the access of a role stands on: its grants, and the policies that the contract has there."""
    if not wanted.is_relation:
        return (ObjectRef(wanted.kind, wanted.path),)
    policies = [path[-1] for path in contract.objects["policy"] if path[:2] == wanted.path]
    return (*grants_of(wanted.path, role), *policy_refs(wanted.path, policies))


def finding_of(
    rule: Rule,
    wanted: WantedObject,
    role: str,
    facet: str,
    sides: tuple[str | None, str | None],
    message: str,
    *,
    severity: Severity | None = None,
    stands_on: tuple[ObjectRef, ...] = (),
) -> Finding:
    """Return a finding on the access of a role; `sides` are the expected and the actual value."""
    ref = access_ref(wanted.path, role)
    return Finding(
        rule=rule,
        severity=severity or rule.severity,
        ref=ref,
        facet=facet,
        expected=sides[0],
        actual=sides[1],
        message=message,
        locations=(wanted.place,),
        stands_on=stands_on,
        holder=holder_of(wanted),
        explains=(ref,),
    )


def listed(words: Sequence[str], last: str = "and") -> str:
    """Return words as a sentence has them."""
    *before, end = words
    return f"{', '.join(before)} {last} {end}" if before else end
