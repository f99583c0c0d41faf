"""Complete the paths of objects that the contract names only in part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessionaudit.contract.model import Contract, Declared
    from sessionaudit.core.checklist import ChecklistPoint
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.schema import Schema


def resolved(contract: Contract, actual: Schema) -> Contract:
    """Return the contract with the complete paths of its objects in the database, for kinds with partial names."""
    found: dict[str, dict[ObjectPath, Declared]] = {}
    for kind in KINDS:
        declared, present = contract.objects[kind.name], actual.objects.get(kind.name, {})
        if kind.find is None or all(path in present for path in declared):
            continue
        paths = {
            path: (None if path in present else kind.find(entry.key, path, present, contract.schema)) or path
            for path, entry in declared.items()
        }
        if len(set(paths.values())) == len(paths):
            found[kind.name] = {paths[path]: entry for path, entry in declared.items()}
    if not found:
        return contract
    moved = {
        (name, old): new
        for name, paths in found.items()
        for old, new in zip(contract.objects[name], paths, strict=True)
    }
    return replace(
        contract,
        objects={**contract.objects, **found},
        checklist=tuple(_named_anew(point, moved) for point in contract.checklist),
    )


def _named_anew(point: ChecklistPoint, moved: Mapping[tuple[str, ObjectPath], ObjectPath]) -> ChecklistPoint:
    """Return a point of the checklist with the complete paths of what its proofs name."""
    proofs = (
        replace(proof, refs=tuple(ref._replace(path=moved.get((ref.kind, ref.path), ref.path)) for ref in proof.refs))
        for proof in point.proofs
    )
    return replace(point, proofs=tuple(proofs))
