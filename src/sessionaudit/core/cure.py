"""Define what the cures of all kinds share: their input, their declaration, and common SQL conditions."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from msgspec import Struct, field

from sessionaudit.core.compared import Compared
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


class Grouped:
    """Objects by their kind and by what they are on; a kind's are grouped when it is first asked for.

    `on` is the part of a path that names what an object is on.
    """

    def __init__(self, sides: tuple[Mapping[str, Mapping[ObjectPath, Any]], ...], on: slice, *, absent: bool) -> None:
        self._sides, self._on, self._absent = sides, on, absent
        self._groups: dict[str, dict[ObjectPath, dict[ObjectPath, Any]]] = {}

    def of(self, kind: str, on: ObjectPath) -> dict[ObjectPath, Any]:
        """Return the objects of a kind on another object."""
        if kind not in self._groups:
            self._groups[kind] = self._grouped(kind)
        return self._groups[kind].get(on, {})

    def _grouped(self, kind: str) -> dict[ObjectPath, dict[ObjectPath, Any]]:
        groups: dict[ObjectPath, dict[ObjectPath, Any]] = {}
        part, absent = self._on, self._absent
        for side in self._sides:
            for path, value in side.get(kind, {}).items():
                if value is not None or absent:
                    on = path[part]
                    if on in groups:
                        groups[on][path] = value
                    elif len(on) < len(path):
                        groups[on] = {path: value}
        return groups


def tables_of(
    present: Mapping[str, Mapping[ObjectPath, Any]], wanted: Mapping[str, Mapping[ObjectPath, Any]]
) -> Grouped:
    """Return the objects on each relation: the existing ones and the expected ones."""
    return Grouped((present, wanted), slice(2), absent=False)


def declared_of(wanted: Mapping[str, Mapping[ObjectPath, Any]]) -> Grouped:
    """Return the contract's objects by their container; None for those that it declares absent."""
    return Grouped((wanted,), slice(-1), absent=True)


class Difference(Compared, Generic[M], frozen=True, kw_only=True):
    """An object that is not as expected, with its context in the contract and the database.

    `expected` is None if the object must not exist, `actual` if it does not exist. `wanted` and `present` hold the
    models of all expected and existing objects, by kind's name and path; `schema` is the schema of unqualified names.
    `around` returns what contains an object, or the object itself if nothing does. `printed` is the expected text of
    the facet as the server prints it, if it was asked, and `whole` all that was read with it. `zone` is the time zone
    for converting values; "" if none was given. `tables` is the result of `tables_of`, and `below` that of
    `declared_of`, for use with many objects; `memory` holds the values of `once`. `listed` are the sections that the
    object's entry in the contract has, empty ones too.
    """

    aside: ClassVar = frozenset({"memory"})

    ref: ObjectRef
    expected: M | None
    actual: M | None
    wanted: Mapping[str, Mapping[ObjectPath, Any]]
    present: Mapping[str, Mapping[ObjectPath, Any]]
    schema: str
    around: Callable[[ObjectRef], ObjectRef]
    printed: str | None = None
    whole: str | None = None
    zone: str = ""
    tables: Grouped | None = None
    below: Grouped | None = None
    listed: frozenset[str] = frozenset()
    memory: dict[Hashable, Any] = field(default_factory=dict["Hashable", Any])

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return a value that is the same for many objects; it is made for the first one."""
        if key not in self.memory:
            self.memory[key] = make()
        found: T = self.memory[key]
        return found

    @property
    def new(self) -> M:
        """The expected model. Use it only if there is one."""
        if self.expected is None:
            raise AssertionError(self.ref)
        return self.expected

    @property
    def old(self) -> M:
        """The existing model. Use it only if there is one."""
        if self.actual is None:
            raise AssertionError(self.ref)
        return self.actual

    @property
    def holder(self) -> ObjectRef:
        """What contains the object, or the object itself if nothing does."""
        return self.around(self.ref)

    @property
    def table(self) -> ObjectPath:
        """The path of the relation that the object is on."""
        return self.ref.path[:2]

    @property
    def on(self) -> str:
        """The relation that the object is on, as SQL spells it."""
        return dotted(self.ref.path[:2])

    def of_table(self, kind: str, table: ObjectPath) -> dict[ObjectPath, Any]:
        """Return the objects of a kind on a relation: the existing ones and the expected ones."""
        tables = tables_of(self.present, self.wanted) if self.tables is None else self.tables
        return tables.of(kind, table)

    def declared(self, kind: str, table: ObjectPath) -> dict[ObjectPath, Any]:
        """Return the contract's objects of a kind on a relation; None for those that it declares absent."""
        below = declared_of(self.wanted) if self.below is None else self.below
        return below.of(kind, table)


class Cure(Struct, Generic[M], frozen=True, kw_only=True):
    """How one kind's objects are repaired.

    `create` and `drop` return the steps that create and drop an object. `alter` holds for each facet the function that
    repairs it, or None if a person must decide; if one statement repairs several facets, each function returns the same
    steps. A function that returns no steps says that there is no cure for this case. `rename` gives an object with
    another name (a second ref) its expected name; `relieve` ends the harm of an unexpected object without dropping it.
    The steps of one cure run in their order.

    `decide` adds choices to the expected model: the replacements of removed values. `misspelled` gives for the actual
    model, a value to be replaced and its replacement a hint if another value of the model was perhaps meant; else "".

    `by_hand` says for a facet what a person does where `alter` has no steps, with the statements to run.

    `address` gives the query of an object's address in pg_depend, which is its class, oid and column number, and no
    row where there is no such object; None for kinds on whose objects nothing can depend.
    """

    create: Callable[[Difference[M]], tuple[Step, ...]]
    drop: Callable[[Difference[M]], tuple[Step, ...]]
    alter: Mapping[str, Callable[[Difference[M]], tuple[Step, ...]] | None]
    rename: Callable[[Difference[M], ObjectRef], tuple[Step, ...]] | None = None
    relieve: Callable[[Difference[M]], tuple[Step, ...]] | None = None
    decide: Callable[[M, Mapping[str, str], M | None], M] | None = None
    misspelled: Callable[[M, str, str], str] | None = None
    by_hand: Mapping[str, Callable[[Difference[M]], str]] = {}
    address: Callable[[ObjectPath], str] | None = None


# Conditions


def present(ref: ObjectRef) -> Condition:
    """Return the condition that an object exists."""
    return Condition(ref, State.PRESENT)


def valid(ref: ObjectRef) -> Condition:
    """Return the condition that an object exists and PostgreSQL has validated it."""
    return Condition(ref, State.VALID)


def fitting(ref: ObjectRef) -> Condition:
    """Return the condition that others can depend on an object: a column has its type, a key its index."""
    return Condition(ref, State.CLEAN)


def absent(ref: ObjectRef) -> Condition:
    """Return the condition that an object does not exist."""
    return Condition(ref, State.ABSENT)


def guarding(ref: ObjectRef) -> Condition:
    """Return the condition that an object restricts access as intended."""
    return Condition(ref, State.GUARDING)


# Parts of statements


def spare(name: str, meaning: str) -> str:
    """Return an unused name for a temporary replacement of an object; the same input gives the same name."""
    mark = hashlib.sha256(sent(meaning)).hexdigest()[:8]
    longest = 63 - len(mark) - 1  # PostgreSQL truncates a name to 63 bytes
    return f"{sent(name)[:longest].decode(errors='ignore')}_{mark}"


def array(values: Iterable[str]) -> str:
    """Spell an array of texts."""
    return f"array[{', '.join(literal(value) for value in values)}]::text[]"


def negated(expression: str) -> str:
    """Negate an expression that is never null."""
    return f"not {expression}"


def block(body: str) -> str:
    """Return a DO block, for cases in which only the server can choose the statement."""
    return f"do {dollar_quoted(f'{chr(10)}{body}{chr(10)}', 'do')}"
