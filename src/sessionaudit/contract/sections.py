"""List the sections of a contract that declare no objects, and how each is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from sessionaudit.core.node import Mapping, Node
from sessionaudit.core.ref import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from collections.abc import Mapping as MappingOf

    from sessionaudit.contract.access import DeclaredAccess
    from sessionaudit.contract.checklist import Provable
    from sessionaudit.contract.code import DeclaredCode
    from sessionaudit.contract.invariants import Invariant
    from sessionaudit.contract.journeys import Journey
    from sessionaudit.contract.migrations import DeclaredMigrations
    from sessionaudit.contract.problems import Problems
    from sessionaudit.contract.trace import Trace
    from sessionaudit.core.checklist import ChecklistPoint
    from sessionaudit.core.kind import Entry, ObjectPath


class SectionReading(Struct, frozen=True):
    """What a section is read with: the contract's schema, all sections, and where their errors are added.

    `objects` are the entries of the declared objects, by kind's name and path.
    """

    schema: str
    sections: MappingOf[str, Node]
    problems: Problems
    objects: MappingOf[str, MappingOf[ObjectPath, Entry]]

    def names(self, section: str) -> list[str]:
        """Return the names in another section, whether or not what they stand for is valid."""
        node = self.sections.get(section)
        return [str(key) for key in node] if isinstance(node, Mapping) else []


class ContractSection(Struct, frozen=True):
    """A section; what `read` returns is the field of the Contract that has its name.

    `several` files of a contract may have it, which are put together. It is `enough` if it makes a contract that
    declares no object. `audit` is the one that examines what it declares. A proof of the checklist may name that, if
    the section has a `word` for it; then `named` returns each path, and the parts of what that names.
    """

    name: str
    read: Callable[[Node, SectionReading], Any]
    several: bool = False
    enough: bool = False
    audit: str = ""
    word: str = ""
    named: Callable[[SectionReading], Iterable[tuple[ObjectPath, tuple[str, ...]]]] = lambda _: ()


def _invariants(node: Node, reading: SectionReading) -> tuple[Invariant, ...]:
    from sessionaudit.contract import invariants  # noqa: PLC0415 - not every contract has the section

    return invariants.read(node, reading.schema, reading.problems)


def _trace(node: Node, reading: SectionReading) -> Trace:
    from sessionaudit.contract import trace  # noqa: PLC0415 - not every contract has the section

    return trace.read(node, reading.schema, reading.names("invariants"), reading.problems)


def _journeys(node: Node, reading: SectionReading) -> tuple[Journey, ...]:
    from sessionaudit.contract import journeys  # noqa: PLC0415 - not every contract has the section

    return journeys.read(node, reading.problems)


def _migrations(node: Node, reading: SectionReading) -> DeclaredMigrations:
    from sessionaudit.contract import migrations  # noqa: PLC0415 - not every contract has the section

    return migrations.read(node, reading.schema)


def _code(node: Node, _: SectionReading) -> DeclaredCode:
    from sessionaudit.contract import code  # noqa: PLC0415 - not every contract has the section

    return code.read(node)


def _access(node: Node, _: SectionReading) -> DeclaredAccess:
    from sessionaudit.contract import access  # noqa: PLC0415 - not every contract has the section

    return access.read(node)


def _checklist(node: Node, reading: SectionReading) -> tuple[ChecklistPoint, ...]:
    from sessionaudit.contract import checklist  # noqa: PLC0415 - not every contract has the section

    provable = {one.name: _provable(one, reading) for one in SECTIONS if one.word}
    examining = {one.audit for one in SECTIONS if one.name in reading.sections or provable.get(one.name)}
    idle: dict[str, list[str]] = {}
    for one in SECTIONS:
        if one.audit and one.audit not in examining:
            idle.setdefault(one.audit, []).append(one.name)
    found = checklist.ChecklistReading(
        schema=reading.schema,
        objects=reading.objects,
        provable={one.word: provable[one.name] for one in SECTIONS if one.word},
        idle={audit: ":” or “".join(names) for audit, names in idle.items()},
        off=checklist.switched_off(reading.sections.get("rules")),
        problems=reading.problems,
    )
    return checklist.read(node, found)


def _provable(section: ContractSection, reading: SectionReading) -> tuple[Provable, ...]:
    from sessionaudit.contract.checklist import Provable  # noqa: PLC0415 - for the checklist alone

    named = section.named(reading)
    return tuple(Provable(ObjectRef(section.word, path), section.audit, parts) for path, parts in named)


def _named_invariants(reading: SectionReading) -> Iterable[tuple[ObjectPath, tuple[str, ...]]]:
    return (((name,), ()) for name in reading.names("invariants"))


def _named_journeys(reading: SectionReading) -> Iterable[tuple[ObjectPath, tuple[str, ...]]]:
    from sessionaudit.contract import journeys  # noqa: PLC0415 - not every contract has the section

    return journeys.named(reading.sections.get("journeys"))


def _named_access(reading: SectionReading) -> Iterable[tuple[ObjectPath, tuple[str, ...]]]:
    from sessionaudit.contract import access  # noqa: PLC0415 - not every contract has the section

    return access.named(reading.sections.get("access"), reading.objects)


SECTIONS = (
    ContractSection("invariants", _invariants, several=True, audit="data", word="invariant", named=_named_invariants),
    ContractSection("trace", _trace),
    ContractSection(
        "journeys", _journeys, several=True, enough=True, audit="behaviour", word="journey", named=_named_journeys
    ),
    ContractSection("migrations", _migrations, enough=True, audit="migrations"),
    ContractSection("code", _code, enough=True, audit="code"),
    ContractSection("access", _access, audit="behaviour", word="access", named=_named_access),
    ContractSection("checklist", _checklist, several=True),  # the last: it names what the others declare
)
