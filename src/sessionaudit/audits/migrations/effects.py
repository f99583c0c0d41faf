"""What each file of a history does to the database, as far as that was seen when it ran."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from msgspec import Struct

from sessionaudit.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sessionaudit.audits.migrations.model import Migration
    from sessionaudit.core.finding import Location
    from sessionaudit.core.kind import Attribute
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.core.step import LockLevel
    from sessionaudit.errors import SessionAuditError

_ATTRIBUTES = {kind.name: kind.attributes for kind in KINDS}
_FACETS = {kind.name: tuple(attribute.facet for attribute in kind.attributes) for kind in KINDS}
Deed = Literal["added", "changed", "dropped"]
# `applied`: without an error. `rejected`: the tool would stop there. `empty`: without a statement. `not-run`: the tool
# would not get that far. `code`: a program, which is not run here. `unread`: its file cannot be read.
ReplayState = Literal["applied", "rejected", "empty", "not-run", "code", "unread"]
_UNSEEN = frozenset(("not-run", "code", "unread"))
# The kinds by whose names the objects in and on them are called.
_NAMING = frozenset(kind.name for kind in KINDS if kind.is_relation or kind.path == ("schema",))


def differing_facets(kind: str, before: Any, after: Any) -> tuple[str, ...]:
    """The facets of an object of a kind that two models of it differ in."""
    return tuple(attribute.facet for attribute in _ATTRIBUTES[kind] if _differ(attribute, before, after))


def _differ(attribute: Attribute[Any], before: Any, after: Any) -> bool:
    """Whether a facet differs; several of them may be told by one field, which says more than each."""
    if all(getattr(before, field) == getattr(after, field) for field in attribute.fields):
        return False
    return not (attribute.compare(before, after) and attribute.compare(after, before))


class ObjectEffect(NamedTuple):
    """What a file did to an object: the models before and after, None for none, the facets, and by which statement.

    Only what was changed has facets. Where several statements of a file did something, it is the one that made the
    object, else the last of them. What was added or dropped because it got another name has the `other` one.
    """

    ref: ObjectRef
    deed: Deed
    location: Location
    before: Any | None
    after: Any | None
    facets: tuple[str, ...] = ()
    other: ObjectRef | None = None


class StatementFailure(NamedTuple):
    """A statement that the server refused: the place, the SQLSTATE and what it says, and what to write instead.

    `made_later` is where an object is made that the statement needs, `follows` the failure without which it would not
    fail. `unproven` says why it is not certain that the statement fails elsewhere, too; "" where it is. `hint` says
    what would tell.
    """

    location: Location
    statement: str
    state: str
    message: str
    advice: str = ""
    made_later: Location | None = None
    unproven: str = ""
    follows: Location | None = None
    hint: str = ""


class MetExisting(NamedTuple):
    """A statement with IF NOT EXISTS that found the object there, and so did nothing.

    `made_by` is what made it before, None where no file did. `lacking` are the objects that the statement would have
    made with it and that are not there, and `differing` the facets of those that are there otherwise. Both are None
    where that could not be tried.
    """

    location: Location
    statement: str
    ref: ObjectRef
    made_by: Location | None
    lacking: Mapping[ObjectRef, Any] | None = None
    differing: Mapping[ObjectRef, tuple[str, ...]] | None = None


class LocatedLock(NamedTuple):
    """A lock on a relation that was there before, and the statement that takes it or makes it that strong."""

    location: Location
    relation: tuple[str, ...]
    level: LockLevel


class ChangedRows(NamedTuple):
    """A statement that changes rows: where it stands, how, of which relations as it names them, and how many rows.

    Of a `truncate` no number is known. The private server has only rows that files write.
    """

    location: Location
    deed: str
    relations: tuple[str, ...]
    rows: int | None


class MigrationLocks(Struct, frozen=True, kw_only=True):
    """The locks that a file takes, as they were measured: each stays until its transaction ends.

    `rewritten` are the relations that have another file since, and `unmeasured` the statements that run in no
    transaction, into which nobody can look. `rows` are the statements that change rows.
    """

    taken: tuple[LocatedLock, ...] = ()
    rewritten: tuple[tuple[str, ...], ...] = ()
    unmeasured: tuple[Location, ...] = ()
    rows: tuple[ChangedRows, ...] = ()


class MigrationReplay(Struct, frozen=True, kw_only=True):
    """What became of a migration, and what it did.

    The effects of a rejected one are what its other statements would make, where the replay went on, else what stayed:
    nothing, where the tool takes all of it back. `rolled_back` is where the file itself takes back what it did. `locks`
    is None where they were not to be measured. `reused` are the relations of which it gives a name to another object.
    """

    migration: Migration
    state: ReplayState
    failures: tuple[StatementFailure, ...] = ()
    effects: tuple[ObjectEffect, ...] = ()
    met_existing: tuple[MetExisting, ...] = ()
    rolled_back: Location | None = None
    locks: MigrationLocks | None = None
    reused: frozenset[str] = frozenset()

    def of(self, deed: Deed) -> Iterator[ObjectEffect]:
        """The effects of one sort."""
        return (effect for effect in self.effects if effect.deed == deed)


class ObjectStep(NamedTuple):
    """One of the effects on an object, and the migration that had it."""

    migration: Migration
    effect: ObjectEffect


class ExpectedObject(NamedTuple):
    """What a migration should have left behind of an object that it made or changed.

    `ref` is what the object is called at the end of the history, and `model` what it is there, None where it is gone.
    `facets` are those that this migration made so and no later one changed: all of them, where it made the object and
    nothing changed them. `later` are the effects that later migrations had on it, and `renamed` those that gave it
    another name.
    """

    effect: ObjectEffect
    ref: ObjectRef
    model: Any | None
    facets: tuple[str, ...]
    later: tuple[ObjectStep, ...]
    renamed: tuple[ObjectStep, ...] = ()

    @property
    def names(self) -> tuple[ObjectRef, ...]:
        """What it was called until it got the name that it has at the end."""
        return tuple(step.effect.ref for step in self.renamed)


class History(Struct, frozen=True, kw_only=True, dict=True):
    """All files, as they ran one after the other, and what there is at the end.

    `base` is what there was before the first, and `final` what there is after the last, by kind's name and path.
    `lacking` are the extensions that the private server does not have, and `assumed` the roles that were made because
    files name them. `version` is the major version of the server. `halted` is why files were not run: none could begin
    a session any more. `owner` is the role that ran them.
    """

    files: tuple[MigrationReplay, ...]
    base: Mapping[str, Mapping[tuple[str, ...], Any]]
    final: Mapping[str, Mapping[tuple[str, ...], Any]]
    lacking: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    version: int = 0
    halted: SessionAuditError | None = None
    owner: str = ""

    @property
    def whole(self) -> bool:
        """Whether every file ran without an error."""
        return all(file.state in {"applied", "empty"} for file in self.files)

    @cached_property
    def steps(self) -> Mapping[ObjectRef, tuple[ObjectStep, ...]]:
        """The effects on each object, in their order."""
        found: dict[ObjectRef, list[ObjectStep]] = {}
        for file in self.files:
            for effect in file.effects:
                found.setdefault(effect.ref, []).append(ObjectStep(file.migration, effect))
        return {ref: tuple(steps) for ref, steps in found.items()}

    def model(self, ref: ObjectRef) -> Any | None:
        """What an object is at the end; None for one that is not there."""
        return self.final.get(ref.kind, {}).get(ref.path)

    def made_by(self, ref: ObjectRef) -> ObjectStep | None:
        """What made an object that is there at the end; None for one that was there before, or is not there."""
        if self.model(ref) is None:
            return None
        return next((step for step in reversed(self.steps.get(ref, ())) if step.effect.deed == "added"), None)

    def dropped_by(self, ref: ObjectRef) -> ObjectStep | None:
        """What removed an object last; None for one that is there at the end, or that no file removed."""
        if self.model(ref) is not None:
            return None
        return next((step for step in reversed(self.steps.get(ref, ())) if step.effect.deed == "dropped"), None)

    def expected(self, file: MigrationReplay) -> Iterator[ExpectedObject]:
        """What a file should have left behind, with what later ones did to that."""
        place = self._places[id(file.migration)]
        for effect in file.effects:
            if effect.deed == "dropped":
                continue
            ref, later, renamed = self._since(effect.ref, place)
            model = self.model(ref)
            facets = effect.facets or _FACETS[effect.ref.kind]
            since = {facet for step in later for facet in step.effect.facets}
            remade = any(step.effect.deed == "dropped" for step in later)
            kept = () if model is None or remade else tuple(facet for facet in facets if facet not in since)
            yield ExpectedObject(effect, ref, model, kept, later, renamed)

    def _since(self, ref: ObjectRef, place: int) -> tuple[ObjectRef, tuple[ObjectStep, ...], tuple[ObjectStep, ...]]:
        """What became of an object after a file: its name, what was done to it, and what gave it other names."""
        done: list[ObjectStep] = []
        renamed: list[ObjectStep] = []
        moved: ObjectStep | None = None
        while True:
            steps = [step for step in self.steps.get(ref, ()) if self._places[id(step.migration)] > place]
            moved = next((step for step in steps if step.effect.deed == "dropped"), None)
            if moved is None or moved.effect.other is None:
                return ref, (*done, *steps), tuple(renamed)
            done += steps[: steps.index(moved)]
            renamed.append(moved)
            ref, place = moved.effect.other, self._places[id(moved.migration)]

    def after(self, file: MigrationReplay) -> Iterator[Migration]:
        """The migrations that come after one."""
        return (one.migration for one in self.files[self._places[id(file.migration)] + 1 :])

    def unseen_after(self, file: MigrationReplay, ref: ObjectRef) -> Migration | None:
        """Return a later migration of which it is not known what it does, and that may be about an object."""
        place = self._places[id(file.migration)]
        for one in self.files[place + 1 :]:
            if one.state in _UNSEEN and (_is_unread(one.migration) or _mentions(one.migration.text, ref)):
                return one.migration
        return None

    def reused_in(self, ref: ObjectRef) -> Migration | None:
        """Return a migration that gives names of an object, or of what it is on, to others."""
        names = {*ref.path[1:2]}
        return next((file.migration for file in self.files if file.reused & names), None)

    def renamed_in(self, ref: ObjectRef) -> Migration | None:
        """Return a migration that gives the relation or the schema of an object another name, or moves it."""
        return self._renamed.get(ref.path[:2]) or self._renamed.get(ref.path[:1])

    @cached_property
    def _renamed(self) -> Mapping[tuple[str, ...], Migration]:
        found: dict[tuple[str, ...], Migration] = {}
        for file in self.files:
            for effect in file.effects:
                if effect.other is not None and len(effect.ref.path) < 3 and effect.ref.kind in _NAMING:
                    found |= dict.fromkeys((effect.ref.path, effect.other.path), file.migration)
        return found

    @cached_property
    def _places(self) -> Mapping[int, int]:
        return {id(file.migration): place for place, file in enumerate(self.files)}


def _is_unread(migration: Migration) -> bool:
    """Whether nothing is known of a text."""
    return migration.unread is not None and not migration.text


def _mentions(text: str, ref: ObjectRef) -> bool:
    """Whether a text has the name of an object, of its relation or of its schema, as far as that can be told."""
    folded = text.lower()
    names = [name.partition("(")[0].lower() for name in ref.path[1:] or ref.path]
    return any(name in folded for name in names if name) or f"schema {ref.path[0].lower()}" in folded
