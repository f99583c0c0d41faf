"""What one statement of a contract requires and another forbids, where no kind knows of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.contract.access import ALL, BY_POLICY, NO_ROW
from sessionaudit.core.ref import ObjectRef
from sessionaudit.kinds import KINDS
from sessionaudit.kinds.lint_rules import CONTRADICTION
from sessionaudit.kinds.lints import lint_of
from sessionaudit.lint.finding_of import of_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.contract.model import Declared
    from sessionaudit.core.finding import Finding
    from sessionaudit.core.lint import TakenName
    from sessionaudit.lint.stating import StatedContract

_ROLE = "role"
_SHARING = {
    "relation": "the tables, views, sequences and indexes of a schema must have different names",
    "type": "the types, tables and views of a schema must have different names",
}
_NEEDS_A_PRIVILEGE = {ALL, BY_POLICY, NO_ROW}


def found(stated: StatedContract) -> Iterator[Finding]:
    """Yield names that two objects take, and access for a role whose privileges are declared absent."""
    taken: dict[TakenName, ObjectRef] = {}
    for kind, ref, entry in stated.objects():
        lint = lint_of(kind.name)
        for name in lint.takes(ref, entry.value) if lint else ():
            if (other := taken.setdefault(name, ref)) != ref:
                line = stated.contract.objects[other.kind][other.path].location().line
                message = f"The {ref} and the {other} (line {line}) cannot both exist: {_SHARING[name.sort]}."
                yield of_object(CONTRADICTION, ref, entry, message)
                break
        yield from _access(stated, ref, entry)


def _access(stated: StatedContract, ref: ObjectRef, entry: Declared) -> Iterator[Finding]:
    of_roles = [kind for kind in KINDS if kind.path[-1:] == (_ROLE,) and ref.kind in kind.within]
    for kind in of_roles:
        for role in dict.fromkeys(one.role for one in entry.access if one.word in _NEEDS_A_PRIVILEGE):
            path = (*ref.path, role)
            forbidden = stated.contract.objects[kind.name].get(path)
            if forbidden is None or forbidden.value is not None:
                continue
            said = next(one for one in entry.access if one.role == role and one.word in _NEEDS_A_PRIVILEGE)
            message = (
                f"The {ObjectRef(kind.name, path)} is declared absent, and `access` says “{said.command}: {said.word}” "
                f"for that role: without a privilege it is refused (42501)."
            )
            told = of_object(CONTRADICTION, ref, entry, message, facet="access")
            yield replace(told, locations=(said.location,))
