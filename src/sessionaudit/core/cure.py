"""What the cures of all kinds share: what they are given, what they declare, and the words of their steps."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sessionaudit.core.ref import dotted
from sessionaudit.core.step import Condition, State
from sessionaudit.sql.text import dollar_quoted, literal, sent

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.core.step import Step

M = TypeVar("M")
T = TypeVar("T")
Tables = dict[tuple[str, "ObjectPath"], dict["ObjectPath", Any]]


def tables_of(
    present: Mapping[str, Mapping[ObjectPath, Any]], wanted: Mapping[str, Mapping[ObjectPath, Any]]
) -> Tables:
    """The objects on each relation by kind's name: those that it has, with those that it is to get."""
    found: Tables = {}
    for side in (present, wanted):
        for kind, paths in side.items():
            for path, value in paths.items():
                if len(path) > 2 and value is not None:
                    found.setdefault((kind, path[:2]), {})[path] = value
    return found


def declared_of(wanted: Mapping[str, Mapping[ObjectPath, Any]]) -> Tables:
    """What the contract says of objects, by kind's name and what holds them; None of those that it declares absent."""
    found: Tables = {}
    for kind, paths in wanted.items():
        for path, value in paths.items():
            found.setdefault((kind, path[:-1]), {})[path] = value
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference(Generic[M]):
    """One object that is not as expected, with what the contract and the database have around it.

    `expected` is None where the object must not be there, `actual` where it is not. `wanted` and
    `present` hold the models of all objects by kind's name and path; `schema` is where unqualified
    names live. `printed` is how the server prints the expected text of the facet, where it was asked.
    `zone` is the time zone by which values may be turned; "" where nobody named one.
    `tables` is what `tables_of` makes of both, and `below` what `declared_of` makes of `wanted`, for whoever asks for
    many objects; `memory` has what `once` keeps for all that share it.
    """

    ref: ObjectRef
    expected: M | None
    actual: M | None
    wanted: Mapping[str, Mapping[ObjectPath, Any]]
    present: Mapping[str, Mapping[ObjectPath, Any]]
    schema: str
    printed: str | None = None
    zone: str = ""
    tables: Tables | None = None
    below: Tables | None = None
    memory: dict[Hashable, Any] = field(default_factory=dict["Hashable", Any], compare=False, repr=False)

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What is the same for many objects, made for the first of them."""
        if key not in self.memory:
            self.memory[key] = make()
        found: T = self.memory[key]
        return found

    @property
    def new(self) -> M:
        """What is expected. Only where there is such a thing."""
        if self.expected is None:
            raise AssertionError(self.ref)
        return self.expected

    @property
    def old(self) -> M:
        """What is there. Only where there is such a thing."""
        if self.actual is None:
            raise AssertionError(self.ref)
        return self.actual

    @property
    def table(self) -> ObjectPath:
        """The path of the relation that the object is on."""
        return self.ref.path[:2]

    @property
    def on(self) -> str:
        """The relation that the object is on, as SQL spells it."""
        return dotted(self.ref.path[:2])

    def of_table(self, kind: str, table: ObjectPath) -> dict[ObjectPath, Any]:
        """The objects of a kind that a relation has now, with those that it is to get."""
        if self.tables is None:
            return tables_of(self.present, self.wanted).get((kind, table), {})
        return self.tables.get((kind, table), {})

    def declared(self, kind: str, table: ObjectPath) -> dict[ObjectPath, Any]:
        """What the contract says of the objects of a kind on a relation; None of those that it declares absent."""
        below = declared_of(self.wanted) if self.below is None else self.below
        return below.get((kind, table), {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cure(Generic[M]):
    """How one kind's objects are repaired.

    `create` and `drop` make the steps that create and drop an object. `alter` has for each
    facet what repairs it, None where a person must decide; where one statement repairs several facets,
    each gives the same steps. A function that gives no steps says that this case has no cure. `rename`
    gives an object that has another name (a second ref) its own; `relieve` ends the harm of one that
    nobody expects, and never drops it. The steps of one cure run in their order.

    `decide` takes a choice into what is expected: what becomes of a value that goes, by the value.

    `address` gives the query of an object's address in pg_depend, which is its class, oid and column number, and no
    row where there is no such object; None for kinds on whose objects nothing can depend.
    """

    create: Callable[[Difference[M]], tuple[Step, ...]]
    drop: Callable[[Difference[M]], tuple[Step, ...]]
    alter: Mapping[str, Callable[[Difference[M]], tuple[Step, ...]] | None]
    rename: Callable[[Difference[M], ObjectRef], tuple[Step, ...]] | None = None
    relieve: Callable[[Difference[M]], tuple[Step, ...]] | None = None
    decide: Callable[[M, Mapping[str, str], M | None], M] | None = None
    address: Callable[[ObjectPath], str] | None = None


# Conditions


def present(ref: ObjectRef) -> Condition:
    """That an object is there."""
    return Condition(ref, State.PRESENT)


def valid(ref: ObjectRef) -> Condition:
    """That an object is there and PostgreSQL trusts it."""
    return Condition(ref, State.VALID)


def fitting(ref: ObjectRef) -> Condition:
    """That others can stand on an object: a column has its type, a key its index, a foreign key its target."""
    return Condition(ref, State.CLEAN)


def absent(ref: ObjectRef) -> Condition:
    """That an object is not there."""
    return Condition(ref, State.ABSENT)


def guarding(ref: ObjectRef) -> Condition:
    """That an object keeps out whom it is to keep out."""
    return Condition(ref, State.GUARDING)


# Parts of statements


def spare(name: str, meaning: str) -> str:
    """A name that nobody has, for what stands in for an object meanwhile: always the same for the same."""
    mark = hashlib.sha256(sent(meaning)).hexdigest()[:8]
    longest = 63 - len(mark) - 1  # PostgreSQL cuts a name after 63 bytes
    return f"{sent(name)[:longest].decode(errors='ignore')}_{mark}"


def array(values: Iterable[str]) -> str:
    """An array of texts."""
    return f"array[{', '.join(literal(value) for value in values)}]::text[]"


def negated(expression: str) -> str:
    """The contrary of an expression that is never null."""
    return f"not {expression}"


def block(body: str) -> str:
    """An anonymous block, where only the server can tell which statement is right."""
    return f"do {dollar_quoted(f'{chr(10)}{body}{chr(10)}', 'do')}"
