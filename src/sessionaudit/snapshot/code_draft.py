"""What of a database a contract states that is limited to what the code uses, and what it says of that."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from sessionaudit.core.counting import counted
from sessionaudit.core.entries import standing
from sessionaudit.core.node import flow
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.visible import visible
from sessionaudit.kinds import HOLDING, KINDS
from sessionaudit.sql.text import unqualified

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sessionaudit.audits.code.usage.calls import ObjectUse
    from sessionaudit.audits.code.usage.usage import CodeUsage
    from sessionaudit.core.kind import Kind, ObjectPath

    Objects = Mapping[str, Mapping[ObjectPath, Any]]

_HOLDING = frozenset(kind.name for kind in HOLDING)
SECTION = "code"
_MOST = 12  # values that a comment names
# A type that is made of columns is called so only where it is told of by itself.
_OTHER_WORDS = {"composite type": "type"}


class CodeDraft:
    """Tells of each object of a database whether the code uses it, and the comments and the section about the code."""

    def __init__(self, usage: CodeUsage) -> None:
        self._usage = usage
        self._paths = {(one.sort, one.path) for one in usage.objects}

    def names(self, kind: Kind[Any], ref: ObjectRef) -> bool:
        """Whether the code uses an object."""
        if ref in self._usage.refs:
            return True
        sorts = {other for one in kind.classes for other in (one, _OTHER_WORDS.get(one, one))}
        return any((sort, ref.path) in self._paths for sort in sorts)

    @property
    def relations(self) -> tuple[ObjectPath, ...]:
        """The relations that the code names itself."""
        return tuple(path for path in self._usage.uses if len(path) == 2)

    def unlisted(self, objects: Objects) -> frozenset[ObjectRef]:
        """The objects of which the contract does not name all that they hold."""
        return frozenset(ObjectRef(kind, path) for kind, found in objects.items() if kind in _HOLDING for path in found)

    def sections(self) -> dict[str, Any]:
        """The section of the contract about the code."""
        return {SECTION: dict(self._usage.section)}

    def remarks(self, objects: Objects, schema: str) -> Iterator[tuple[tuple[str, ...], str]]:
        """What is remarked of the objects of a contract, by the keys under which they stand in it."""
        for kind in KINDS:
            for path in objects.get(kind.name, {}):
                said = [*self._uses(path), *self._values(path)]
                if not said:
                    continue
                text = visible("; ".join(said))
                if kind.within:
                    holder = kind.holder(path, lambda one: one.path in objects.get(one.kind, {}))
                    section = next((one.section for one in KINDS if holder and one.name == holder.kind), "")
                    yield (section, _key(path[:-1], schema), kind.section, standing(path[-1])), text
                else:
                    yield (kind.section, _key(path, schema)), text
        if self._usage.unguessed:
            names = ", ".join(map(visible, self._usage.unguessed))
            yield (SECTION,), f"As which roles these clients work, the code does not tell: {names}"

    def _uses(self, path: ObjectPath) -> Iterator[str]:
        uses = self._usage.uses.get(path, ())
        by_roles: dict[tuple[str, ...], Counter[str]] = {}
        for one in uses:
            by_roles.setdefault(one.roles, Counter())[one.what] += 1
        if uses:
            listed = "; ".join(_of_roles(roles, counts) for roles, counts in sorted(by_roles.items()))
            first = min(uses, key=lambda one: one.at).at
            yield f"The code: {listed}. First at {first.file}:{first.line}"

    def _values(self, path: ObjectPath) -> Iterator[str]:
        values = self._usage.values.get(path, ())
        if values:
            more = f", and {counted(len(values) - _MOST, 'more value')}" if len(values) > _MOST else ""
            yield f"The code names {flow(list(values[:_MOST]))[1:-1]}{more}"


def _of_roles(roles: Sequence[str], counts: Mapping[str, int]) -> str:
    said = ", ".join(f"{what} {number} times" if number > 1 else what for what, number in counts.items())
    return f"{said} as {' or '.join(roles)}" if roles else said


def _key(path: ObjectPath, schema: str) -> str:
    return unqualified(dotted(path), schema)
