"""List the sections of a contract that declare no objects, and how each is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sessionaudit.core.node import Mapping, Node

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Mapping as MappingOf

    from sessionaudit.contract.access import DeclaredAccess
    from sessionaudit.contract.code import DeclaredCode
    from sessionaudit.contract.invariants import Invariant
    from sessionaudit.contract.journeys import Journey
    from sessionaudit.contract.migrations import DeclaredMigrations
    from sessionaudit.contract.problems import Problems
    from sessionaudit.contract.trace import Trace


class SectionReading(NamedTuple):
    """What a section is read with: the contract's schema, all sections, and where their errors are added."""

    schema: str
    sections: MappingOf[str, Node]
    problems: Problems

    def names(self, section: str) -> list[str]:
        """Return the names in another section, whether or not what they stand for is valid."""
        node = self.sections.get(section)
        return [str(key) for key in node] if isinstance(node, Mapping) else []


class ContractSection(NamedTuple):
    """A section; what `read` returns is the field of the Contract that has its name.

    `several` files of a contract may have it, which are put together. It is `enough` if it makes a contract that
    declares no object.
    """

    name: str
    read: Callable[[Node, SectionReading], Any]
    several: bool = False
    enough: bool = False


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


SECTIONS = (
    ContractSection("invariants", _invariants, several=True),
    ContractSection("trace", _trace),
    ContractSection("journeys", _journeys, several=True, enough=True),
    ContractSection("migrations", _migrations, enough=True),
    ContractSection("code", _code, enough=True),
    ContractSection("access", _access),
)
