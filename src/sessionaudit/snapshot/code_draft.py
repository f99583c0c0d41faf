"""What of a database a contract states that is limited to what the code uses, and what it says of that."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from sessionaudit.audits.code.usage.calls import OF_FUNCTIONS
from sessionaudit.contract.writer import key_of
from sessionaudit.core.counting import counted
from sessionaudit.core.entries import standing
from sessionaudit.core.node import flow
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.visible import visible
from sessionaudit.kinds import HOLDING, KINDS
from sessionaudit.snapshot.page import Said, parts
from sessionaudit.sql.text import unqualified

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sessionaudit.audits.code.usage.calls import ObjectUse
    from sessionaudit.audits.code.usage.usage import CodeUsage
    from sessionaudit.core.kind import Kind, ObjectPath

    Objects = Mapping[str, Mapping[ObjectPath, Any]]

_HOLDING = frozenset(kind.name for kind in HOLDING)
_SECTION = "code"
_MOST = 12  # values that a comment names
_WIDTH = 110
_WORDS = ("select", "insert", "update", "delete", "listen", "call")
# A type that is made of columns is called so only where it is told of by itself.
_OTHER_WORDS = {"composite type": "type"}


class CodeDraft:
    """Tells of each object of a database whether the code uses it, and the comments and the section about the code."""

    def __init__(self, usage: CodeUsage) -> None:
        self._usage = usage
        self._paths = {(one.sort, one.path) for one in usage.objects}

    def names(self, kind: Kind[Any], ref: ObjectRef) -> bool:
        """Whether the code uses an object."""
        if ref in self._usage.refs or ObjectRef(ref.kind, ref.path[:1]) in self._usage.refs:
            return True
        sorts = {other for one in kind.classes for other in (one, _OTHER_WORDS.get(one, one))}
        return any((sort, ref.path) in self._paths for sort in sorts)

    @property
    def relations(self) -> tuple[ObjectPath, ...]:
        """The relations that the code names itself."""
        return tuple(path for path in self._usage.uses if path[2:] != (OF_FUNCTIONS,))

    def unlisted(self, objects: Objects) -> frozenset[ObjectRef]:
        """The objects of which the contract does not name all that they hold."""
        return frozenset(ObjectRef(kind, path) for kind, found in objects.items() if kind in _HOLDING for path in found)

    def sections(self) -> dict[str, Any]:
        """The section of the contract about the code."""
        return {_SECTION: {key: _said(value) for key, value in self._usage.section.items()}}

    def remarks(self, objects: Objects, schema: str) -> Iterator[tuple[tuple[str, ...], str]]:
        """What is remarked of the objects of a contract, by the keys under which they stand in it."""
        for kind in KINDS:
            for path, model in objects.get(kind.name, {}).items():
                lines = [*self._uses(path), *self._values(path)]
                if not lines:
                    continue
                text = "\n".join(line for one in lines for line in textwrap.wrap(visible(one), _WIDTH))
                if kind.within:
                    holder = kind.holder(path, lambda one: one.path in objects.get(one.kind, {}))
                    section = next((one.section for one in KINDS if holder and one.name == holder.kind), "")
                    yield (section, unqualified(dotted(path[:-1]), schema), kind.section, standing(path[-1])), text
                else:
                    ref = ObjectRef(kind.name, path)
                    yield (kind.section, unqualified(key_of(ref, model) or dotted(path), schema)), text
        if self._usage.unguessed:
            names = ", ".join(map(visible, self._usage.unguessed))
            told = f"The code does not tell as which role these clients work, so their rights are not judged: {names}"
            yield (_SECTION, next(iter(self._usage.section))), "\n".join(textwrap.wrap(told, _WIDTH))

    def _uses(self, path: ObjectPath) -> Iterator[str]:
        found = self._usage.uses.get((*path[:2], OF_FUNCTIONS) if path[2:] and path[2].startswith("(") else path, ())
        by_roles: dict[tuple[str, ...], list[ObjectUse]] = {}
        for one in found:
            by_roles.setdefault(one.roles, []).append(one)
        for roles, uses in sorted(by_roles.items()):
            said = {one.what for one in uses}
            places = {(one.at.file, one.at.line) for one in uses}
            file, line = min(places)
            more = f" and {counted(len(places) - 1, 'other place')}" if len(places) > 1 else ""
            by = f" as {' or '.join(roles)}" if roles else ""
            yield f"Code{by}: {', '.join(word for word in _WORDS if word in said)} ({file}:{line}{more})"

    def _values(self, path: ObjectPath) -> Iterator[str]:
        values = self._usage.values.get(path, ())
        if values:
            more = f" and {counted(len(values) - _MOST, 'other value')}" if len(values) > _MOST else ""
            yield f"The code names {_listed(values[:_MOST])}{more}"


def _listed(values: Iterable[str]) -> str:
    return flow(list(values))[1:-1]


def _said(value: Any) -> Any:
    found = parts(value)
    return value if found is None else Said(found)
