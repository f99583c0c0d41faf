"""Define what a kind knows of contracts alone: what an entry names, and what is wrong whatever a database has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from msgspec import Struct

if TYPE_CHECKING:
    from sessionaudit.core.finding import Rule, Severity
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.ref import ObjectRef

M = TypeVar("M")
# What a contract states, by kind's name and path; None where it declares an object absent.
Models = Mapping[str, Mapping[tuple[str, ...], Any]]


def named_by(path: ObjectPath) -> str:
    """Return the name at the end of a path, without the arguments of a function."""
    *_, before, last = ("", *path)
    return before if before and last.startswith("(") else last


class NamedObject(NamedTuple):
    """An object that an entry names: one of `refs`, as a name does not always tell the kind."""

    refs: tuple[ObjectRef, ...]

    @property
    def name(self) -> str:
        """Its own name, as the entry may spell it."""
        return named_by(self.refs[0].path)


class TakenName(NamedTuple):
    """A name that an object takes in its schema, where no other object of the same `sort` can have it."""

    sort: str
    path: tuple[str, ...]


def relation_name(ref: ObjectRef, _model: object) -> Iterable[TakenName]:
    """The name that a relation takes: indexes, and the constraints that have one, share it with tables."""
    yield TakenName("relation", (ref.path[0], ref.path[-1]))


def type_name(ref: ObjectRef, _model: object) -> Iterable[TakenName]:
    """The name that a type takes."""
    yield TakenName("type", ref.path[:2])


def row_type_names(ref: ObjectRef, model: object) -> Iterable[TakenName]:
    """The names that a relation takes of which the rows have a type, which has the same name."""
    yield from relation_name(ref, model)
    yield from type_name(ref, model)


class Flaw(NamedTuple):
    """What is wrong with an entry: the sentence, the facet or "", and both sides where there are two.

    `words` are those of the entry at which it shows, the best first. Without a `severity` it has that of its rule.
    """

    rule: Rule
    message: str
    facet: str = ""
    expected: str | None = None
    actual: str | None = None
    words: tuple[str, ...] = ()
    severity: Severity | None = None


def _nothing(*_: Any) -> tuple[Any, ...]:
    return ()


class Lint(Struct, Generic[M], frozen=True, kw_only=True):
    """What one kind knows of contracts alone.

    `names` returns what an entry names, given its reference and the contract's schema. `flaws` returns what cannot be
    right in any database, given all that the contract states. `takes` returns the names that the object takes.
    `by_server` says that only a server knows whether an entry is right, which has no SQL of its own.
    """

    names: Callable[[ObjectRef, M, str], Iterable[NamedObject]] = _nothing
    flaws: Callable[[ObjectRef, M, Models, str], Iterable[Flaw]] = _nothing
    takes: Callable[[ObjectRef, M], Iterable[TakenName]] = _nothing
    by_server: bool = False
