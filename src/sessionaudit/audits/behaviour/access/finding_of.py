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
    from sessionaudit.postgres.access.cells import AccessCell, AccessReason
    from sessionaudit.postgres.access.model import ReadRelation

ACCESS = "access"
EVERYBODY = "public"


def access_ref(path: ObjectPath, role: str) -> ObjectRef:
    """Return the reference of what a role may do with an object."""
    return ObjectRef(ACCESS, (*path, role))


def holder_of(wanted: WantedObject) -> str:
    """Return what findings on an object are printed under."""
    return ObjectRef(wanted.kind, wanted.path).dotted


def grants_of(path: ObjectPath, role: str) -> tuple[ObjectRef, ...]:
    """Return the privileges that a role has on a relation: its own, and those of everybody."""
    return tuple(ObjectRef("grant", (*path, name)) for name in (role, EVERYBODY))


def policy_refs(path: ObjectPath, names: Sequence[str]) -> tuple[ObjectRef, ...]:
    """Return the references of policies of a relation."""
    return tuple(ObjectRef("policy", (*path, name)) for name in names)


def grounds(
    contract: Contract, wanted: WantedObject, role: str, cell: AccessCell, relation: ReadRelation | None
) -> tuple[ObjectRef, ...]:
    """Return what the access of a role stands on: the privilege that it lacks, or grants, policies and row security."""
    if relation is None:
        return (ObjectRef(wanted.kind, wanted.path),)
    if lacking := [one for one in cell.reasons if one.privilege and one.relation]:
        return tuple(dict.fromkeys(ref for one in lacking for ref in needed(one)))
    declared = [path[-1] for path in contract.objects["policy"] if path[:2] == wanted.path]
    used = [path[-1] for path in cell.policies if path[:-1] == wanted.path]
    policies = policy_refs(wanted.path, [*dict.fromkeys((*used, *declared))])
    return (*grants_of(wanted.path, role), *policies)


def deciding(wanted: WantedObject, cell: AccessCell, relation: ReadRelation | None) -> tuple[ObjectRef, ...]:
    """Return the relation if its own properties decide on the access: whether row security is on, for example."""
    if relation is None or any(one.privilege and one.relation for one in cell.reasons):
        return ()
    return () if relation.secured and cell.policies else (ObjectRef(wanted.kind, wanted.path),)


def needed(reason: AccessReason) -> tuple[ObjectRef, ...]:
    """Return what a privilege that is lacking stands on."""
    if not reason.relation:
        return ()
    policies = policy_refs(reason.policy[:-1], reason.policy[-1:]) if reason.policy else ()
    return (*grants_of(reason.relation, reason.role), *policies)


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
