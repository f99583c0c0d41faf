"""Define the Contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct

from sessionaudit.core.node import Mapping as MappingNode
from sessionaudit.core.place import where
from sessionaudit.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessionaudit.contract.access import DeclaredAccess, StatedAccess
    from sessionaudit.contract.code import DeclaredCode
    from sessionaudit.contract.invariants import Invariant
    from sessionaudit.contract.journeys import Journey
    from sessionaudit.contract.migrations import DeclaredMigrations
    from sessionaudit.contract.trace import Trace
    from sessionaudit.core.checklist import ChecklistPoint
    from sessionaudit.core.finding import Location, Severity, Waiver
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.node import Node, Scalar, Source


class Declared(NamedTuple):
    """One object of the contract; `value` is None where it is declared absent.

    `repair` names the file that repairs the rows in the object's way, as the contract spells it. `access` is what
    roles may do with the object.
    """

    key: Scalar
    node: Node
    value: Any | None
    repair: Scalar | None = None
    access: tuple[StatedAccess, ...] = ()

    def location(self, facet: str = "") -> Location:
        """Return where the object is declared, or the facet if that has its own line."""
        key = self.key
        if facet and isinstance(self.node, MappingNode):
            key = next((other for other in self.node if other == facet), key)
        return where(key)


class Contract(Struct, frozen=True, kw_only=True):
    """A contract that was read completely.

    `objects` holds the declared objects by kind's name and path. `rules` holds the severities that the contract
    changes; None switches a rule off. `file` is the main file, `sources` has the texts of all, that of the main file
    first.
    """

    file: str
    sources: tuple[Source, ...]
    schema: str
    objects: Mapping[str, Mapping[ObjectPath, Declared]]
    rules: Mapping[str, Severity | None]
    waivers: tuple[Waiver, ...]
    invariants: tuple[Invariant, ...] = ()
    trace: Trace | None = None
    journeys: tuple[Journey, ...] = ()
    migrations: DeclaredMigrations | None = None
    code: DeclaredCode | None = None
    access: DeclaredAccess | None = None
    checklist: tuple[ChecklistPoint, ...] = ()

    @property
    def relations(self) -> tuple[ObjectPath, ...]:
        """The paths of the relations that it names."""
        return tuple(path for kind in KINDS if kind.is_relation for path in self.objects[kind.name])
