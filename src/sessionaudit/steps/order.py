"""Order steps. Names no kind: each step says what it requires, provides and mentions.

A step runs after the steps that provide what it requires, and after those that create the names that its texts mention.
What recreates an object as it was comes before what changes that object.
Ties are decided by kind, then by name, so that the same steps always have the same order. Drops come last, in the
reverse order of the kinds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.ordering import ordered
from sessionaudit.core.ref import dotted
from sessionaudit.core.step import Condition, State
from sessionaudit.kinds import KINDS, SCHEMAS
from sessionaudit.sql.text import UnclosedError, quoted, tokens, unquote

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.core.schema import Schema
    from sessionaudit.core.step import Dependent, Guard, Step

_RANK = {kind.name: rank for rank, kind in enumerate(KINDS)}

_BORROWED = {kind.name for kind in KINDS if kind.borrowed}
# The kinds of what has a value in each row of a relation, and those with the relations.
_IN_ROWS = {kind.name for kind in KINDS if kind.type_of and kind.within}
_WITH_ROWS = _IN_ROWS | {name for kind in KINDS if kind.name in _IN_ROWS for name in kind.within}
_MISSING = "it needs the {}, which no step creates"
_WAITING = "it needs the {} as the contract has it, which is not possible yet"


class Graph:
    """The steps, and which must run before which.

    `hard` holds for each step the steps that it requires, `bearing` those that create a missing object that it
    mentions, `missing` why it cannot run if no step provides what it requires. `merged` holds for each step that is
    part of another one the position of that one.
    """

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.hard: list[set[int]] = []
        self.bearing: list[set[int]] = []
        self.missing: dict[int, str] = {}
        self.merged: dict[int, int] = {}
        self._soft: list[set[int]] = []
        self._last: list[bool] = []
        self._known: dict[tuple[ObjectRef, tuple[str, ...], str], int] = {}
        self._provider: dict[Condition, int] = {}
        self._guarding: dict[Condition, set[int]] = {}

    def take(self, chains: Sequence[Sequence[Step]], *, last: bool) -> set[int]:
        """Add the steps of one finding's cures and return their positions; those of the first cure run first."""
        first, *others = [self._add(chain, last=last) for chain in chains]
        for added in others:
            for index in added - first:
                self.hard[index] |= first
        return first.union(*others)

    def provider(self, condition: Condition) -> int | None:
        """The step that brings what a condition says, if there is one."""
        return self._provider.get(condition)

    def _add(self, steps: Sequence[Step], *, last: bool) -> set[int]:
        """Add the steps of one cure and return their positions; a step of another cure is not added twice."""
        brought = {self._provider.get(condition) for step in steps for condition in _bringing(step)}
        known = all(_bringing(step) or _key(step) in self._known for step in steps)
        if _bringing(steps[0]) and known and None not in brought:
            return {index for index in brought if index is not None}
        added: set[int] = set()
        before: int | None = None
        for step in steps:
            index = self._known.setdefault(_key(step), len(self.steps))
            if index == len(self.steps):
                self.steps.append(step)
                self.hard.append(set())
                self.bearing.append(set())
                self._soft.append(set())
                self._last.append(last)
                for condition in step.provides:
                    self._provider.setdefault(condition, index)
                    if condition.state is State.GUARDING:  # each of which does a part of it
                        self._guarding.setdefault(condition, set()).add(index)
            if before is not None and before != index:
                self.hard[index].add(before)
            before = index
            added.add(index)
        return added

    def link(
        self,
        actual: Schema,
        lost: Iterable[ObjectRef],
        elsewhere: Collection[ObjectRef] = (),
        drifted: Collection[ObjectRef] = (),
    ) -> None:
        """Derive the order from what steps require and mention.

        No step creates the `lost` objects. Those `elsewhere` exist under another name, and keep it. The `drifted`
        objects may differ from the contract.
        """
        gone: dict[str, list[ObjectRef]] = {}
        for ref in lost:
            if ref.kind not in _BORROWED:
                gone.setdefault(_name(ref), []).append(ref)
        named: dict[str, list[tuple[ObjectRef, int]]] = {}
        for condition, index in self._provider.items():
            if condition.state in {State.PRESENT, State.CLEAN} and condition.ref.kind not in _BORROWED:
                named.setdefault(_name(condition.ref), []).append((condition.ref, index))
        rows: dict[str, list[tuple[ObjectPath, int]]] = {}  # the steps that change a relation's rows, by its name
        for index, step in enumerate(self.steps):
            if step.ref.kind in _IN_ROWS:
                rows.setdefault(step.ref.path[-2], []).append((step.ref.path[:-1], index))
        for index, step in enumerate(self.steps):
            for condition in step.requires:
                there = is_there(condition.ref, actual) or condition.ref in elsewhere
                provider = self._provider.get(condition)
                if provider == index:
                    continue
                if provider is not None:
                    as_it_is = there and condition.state is State.PRESENT
                    (self._soft if as_it_is else self.hard)[index].add(provider)
                elif condition.state is State.PRESENT and condition.ref.kind in actual.objects and not there:
                    self.missing[index] = _MISSING.format(condition.ref)
            for guard in step.guards:
                if providers := self._guarding.get(guard.condition):
                    self.hard[index] |= providers - {index}
                elif guard.ref not in elsewhere and _is_lacking(guard, drifted):
                    self.missing.setdefault(index, guard.lacking)
            followed = {self._provider.get(condition) for condition in step.follows} - {None, index}
            self._soft[index] |= {other for other in followed if other is not None}
            words = {word for text in step.reads for word in words_of(text)}
            for word in words & named.keys():
                for ref, provider in named[word]:
                    if provider != index and _means(ref, step, words):
                        self._soft[index].add(provider)
                        if not is_there(ref, actual):
                            self.bearing[index].add(provider)
            # No column can be added to a table with a default once another table has its row type.
            for word in words & rows.keys() if step.ref.kind in _WITH_ROWS else ():
                self._soft[index] |= {other for path, other in rows[word] if path != step.ref.path[: len(path)]}
            for word in words & gone.keys():
                for ref in gone[word]:
                    if _means(ref, step, words):
                        self.missing.setdefault(index, (_WAITING if is_there(ref, actual) else _MISSING).format(ref))

    def recreate_first(self, recreated: Mapping[int, Iterable[Dependent]]) -> None:
        """Let steps that recreate objects, by their positions, run before those that change these objects.

        The objects are recreated as they were when the plan was made. A step that such a step waits for stays before.
        """
        changing = self.changing()
        for index, dependents in recreated.items():
            names = {name for one in dependents if one.take or one.put for name in names_of(one)}
            others = {other for name in names for other in changing.get(name, ())} - {index}
            for other in others - self._waited_for(index) if others else ():
                self._soft[other].add(index)

    def changed(self) -> dict[str, set[ObjectRef]]:
        """Return the objects that steps change, by their names as dependents, without what they are on."""
        found: dict[str, set[ObjectRef]] = {}
        for ref in {step.ref for _, step in self.live()}:
            for name in {*_names_as_dependent(ref.path)} - {dotted(ref.path[:2])} | {dotted(ref.path)}:
                found.setdefault(name, set()).add(ref)
        return found

    def live(self) -> list[tuple[int, Step]]:
        """Return the steps with their positions, without those that are part of another one."""
        return [(index, step) for index, step in enumerate(self.steps) if index not in self.merged]

    def changing(self) -> dict[str, set[int]]:
        """Return the steps that change or need an object, or what is on it, by its names as a dependent."""
        found: dict[str, set[int]] = {}
        for index, step in self.live():
            paths = (step.ref.path, *(condition.ref.path for condition in step.requires), *step.locks)
            for name in {name for path in paths for name in _names_as_dependent(path)}:
                found.setdefault(name, set()).add(index)
        return found

    def _waited_for(self, index: int) -> set[int]:
        """Return all steps that must run before one, for any reason, directly or not."""
        found: set[int] = set()
        waiting = [index]
        while waiting:
            new = self.before(waiting.pop()) - found
            found |= new
            waiting += new
        return found

    def circles(self) -> list[list[int]]:
        """Return the steps that wait for each other, one list for each cycle."""
        rest = {index for index in range(len(self.steps)) if index not in self.merged}
        while loose := {index for index in rest if not self.hard[index] & rest}:
            rest -= loose
        reached = {index: self._reached(index, rest) for index in rest}
        found = {
            frozenset(other for other in reached[index] if index in reached[other])
            for index in rest
            if index in reached[index]
        }
        return sorted(sorted(circle, key=self._rank) for circle in found)

    def _reached(self, index: int, among: set[int]) -> set[int]:
        found: set[int] = set()
        waiting = [index]
        while waiting:
            new = self.hard[waiting.pop()] & among - found
            found |= new
            waiting += new
        return found

    def merge(self, indexes: Sequence[int], step: Step) -> None:
        """Replace several steps by one, at the position of the first."""
        first, *others = indexes
        self.steps[first] = step
        self.merged |= dict.fromkeys(others, first)
        for waits in (self.hard, self.bearing, self._soft):
            waits[first] = waits[first].union(*(waits[other] for other in others))
            for index, before in enumerate(waits):
                waits[index] = {self.merged.get(other, other) for other in before} - {index}

    def before(self, index: int) -> set[int]:
        """Return the steps that must run before one, for any reason."""
        return self.hard[index] | self.bearing[index] | self._soft[index]

    def sorted(self) -> list[int]:
        """Return the order, in which every step follows those that it requires; steps of a cycle are left out."""
        indexes = [index for index in range(len(self.steps)) if index not in self.merged]
        # A mention may refer to another object of the same name, so it never prevents a step.
        return ordered(
            {index: self.hard[index] for index in indexes}, self._rank, {index: self._soft[index] for index in indexes}
        ).order

    def _rank(self, index: int) -> tuple[bool, int, ObjectPath, int]:
        ref, last = self.steps[index].ref, self._last[index]
        place = rank(ref)
        return last, -place if last else place, ref.path, index


def _bringing(step: Step) -> list[Condition]:
    """What it alone brings; of what keeps others out several steps may each bring a part."""
    return [condition for condition in step.provides if condition.state is not State.GUARDING]


def _key(step: Step) -> tuple[ObjectRef, tuple[str, ...], str]:
    return step.ref, step.sql, step.done


def rank(ref: ObjectRef) -> int:
    """Return the position of the object's kind in the order of creation."""
    return _RANK.get(ref.kind, len(_RANK))


def is_there(ref: ObjectRef, actual: Schema) -> bool:
    """Whether an object exists in the database."""
    if ref.kind == SCHEMAS.name:  # of which more are there than the contract states
        return ref.path[0] in actual.schemas
    return ref.path in actual.objects.get(ref.kind, {})


def _means(ref: ObjectRef, step: Step, words: set[str]) -> bool:
    """Whether a step that mentions an object's name means that object, not one of that name on another table."""
    beside = len(ref.path) < 3 or ref.path[:2] == step.ref.path[:2] or ref.path[1] in words
    return beside and ref != step.ref


def _is_lacking(guard: Guard, drifted: Collection[ObjectRef]) -> bool:
    return guard.ref in drifted if guard.stands is None else not guard.stands


def _name(ref: ObjectRef) -> str:
    """Return an object's own name; for a function without the arguments, the last part of its path."""
    return next((part for part in reversed(ref.path) if not part.startswith("(")), ref.path[-1])


def names_changed(step: Step) -> set[str]:
    """Return the names, as dependents have them, of what a step changes, and of what that is on."""
    return {*_names_as_dependent(step.ref.path)}


def may_change(changed: Mapping[str, Collection[ObjectRef]], of: Step, found: Collection[Dependent]) -> bool:
    """Whether a step for another object may change what depends on that of a step, which may stand for others.

    `changed` holds the objects that steps change, as `Graph.changed` returns them.
    """
    if any(one.path == of.ref.path and not one.put for one in found):
        return True
    names = {name for one in found for name in (*names_of(one), dotted(one.path), dotted(one.path[:2]))}
    return any(ref != of.ref for name in names for ref in changed.get(name, ()))


def names_of(one: Dependent) -> set[str]:
    """Return the names of a dependent, also without arguments."""
    return {one.name, one.name.partition("(")[0]}


def _names_as_dependent(path: ObjectPath) -> Iterator[str]:
    """Return the names under which `core.step.Dependent` may have the object at a path, or what that is on."""
    yield dotted(path)
    if len(path) == 1:  # that of a comment says what it is on as SQL does
        yield path[0].partition(" ")[2].replace(" on ", " of ")
    if len(path) > 2:
        yield dotted(path[:2])
        yield dotted(path[:3])
        yield dotted((path[0], path[2]))
        yield f"{quoted(path[2])} of {dotted(path[:2])}"


def words_of(text: str) -> Iterator[str]:
    """Return the words and names in a text, as far as it can be parsed."""
    try:
        for token in tokens(text):
            if token.sort in {"word", "quoted"}:
                yield unquote(token.text)
    except UnclosedError:
        return
