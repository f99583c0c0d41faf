"""Objects that differ in nothing but their names, where the name does not matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.kinds.lint_rules import DUPLICATE
from sessionaudit.lint.finding_of import of_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.finding import Finding
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.lint.stating import StatedContract


def found(stated: StatedContract) -> Iterator[Finding]:
    """Yield each object that is, on the same relation, another one once more."""
    first: dict[tuple[str, ObjectPath], list[tuple[ObjectRef, Any]]] = {}
    for kind, ref, entry in stated.objects():
        if not kind.misnamed:
            continue
        others = first.setdefault((kind.name, ref.path[:-1]), [])
        same = next((other for other, model in others if model == entry.value), None)
        if same is None:
            others.append((ref, entry.value))
            continue
        place = stated.contract.objects[same.kind][same.path].location()
        message = f"The {ref} is the same as {same.name} (line {place.line}), under another name."
        yield of_object(DUPLICATE, ref, entry, message)
