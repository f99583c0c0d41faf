"""Return the steps that repair a finding. Names no kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from sessionaudit.core.cure import Difference, declared_of, tables_of
from sessionaudit.core.finding import Severity
from sessionaudit.core.node import Mapping as Fields
from sessionaudit.core.ref import ObjectRef
from sessionaudit.core.step import State
from sessionaudit.kinds import KINDS, SCHEMAS, held_by
from sessionaudit.kinds.cures import CURES
from sessionaudit.rulebook import MISNAMED
from sessionaudit.steps.order import words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterable, Sequence

    from sessionaudit.contract.model import Contract
    from sessionaudit.core.cure import Grouped
    from sessionaudit.core.finding import Finding
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.schema import Schema
    from sessionaudit.core.step import Step

# The rules for objects that exist and should not.
FORBIDDEN = frozenset(kind.forbidden.name for kind in KINDS)
_KINDS = {kind.name: kind for kind in KINDS}


class World(Struct, frozen=True):
    """The input of cures: the contract, its models by kind and path, and the existing objects.

    `retyped` returns the paths of the existing objects with another type than expected, `inside` the contract's objects
    by the schema that they are in, without those on others. `spoken` returns the words in the texts of the existing
    relations and functions, by their names.
    """

    contract: Contract
    wanted: Mapping[str, Mapping[ObjectPath, Any]]
    present: dict[str, Any]
    retyped: Callable[[], frozenset[ObjectPath]]
    tables: Grouped
    below: Grouped
    inside: Callable[[], Mapping[str, Sequence[ObjectRef]]]
    spoken: Callable[[], Mapping[str, frozenset[str]]]
    zone: str = ""
    memory: dict[Hashable, Any] | None = None

    @classmethod
    def of(cls, contract: Contract, actual: Schema, zone: str = "") -> World:
        """Build it from a contract and a schema; `zone` is that of Difference."""
        wanted = _Wanted(contract)
        present = _Present(actual.objects)

        @cache
        def retyped() -> frozenset[ObjectPath]:
            return frozenset(
                path
                for kind in KINDS
                if kind.type_of
                for path, value in wanted[kind.name].items()
                if value is not None
                and path in present[kind.name]
                and kind.type_of(present[kind.name][path]) != kind.type_of(value)
            )

        inside = cache(lambda: _by_schema(wanted))
        spoken = cache(lambda: _spoken(present))
        tables, below = tables_of(present, wanted), declared_of(wanted)
        return cls(contract, wanted, present, retyped, tables, below, inside, spoken, zone, {})

    def difference(self, ref: ObjectRef, expected: Any, actual: Any) -> Difference[Any]:
        """Return the input of a cure for one object."""
        return Difference(
            ref=ref,
            expected=expected,
            actual=actual,
            wanted=self.wanted,
            present=self.present,
            schema=self.contract.schema,
            around=self._around,
            zone=self.zone,
            tables=self.tables,
            below=self.below,
            listed=self._listed(ref),
            memory={} if self.memory is None else self.memory,
        )

    def _listed(self, ref: ObjectRef) -> frozenset[str]:
        entry = self.contract.objects[ref.kind].get(ref.path) if ref.kind in self.contract.objects else None
        return frozenset(map(str, entry.node)) if entry and isinstance(entry.node, Fields) else frozenset()

    def _around(self, ref: ObjectRef) -> ObjectRef:
        return _KINDS[ref.kind].holder(ref.path, self._known) or ref

    def _known(self, ref: ObjectRef) -> bool:
        return ref.path in self.wanted[ref.kind] or ref.path in self.present[ref.kind]


def _by_schema(wanted: Mapping[str, Mapping[ObjectPath, Any]]) -> dict[str, list[ObjectRef]]:
    found: dict[str, list[ObjectRef]] = {}
    for kind in held_by(""):
        if "schema" in kind.path and kind is not SCHEMAS:
            index = kind.path.index("schema")
            for path, value in wanted[kind.name].items():
                if value is not None:
                    found.setdefault(path[index], []).append(ObjectRef(kind.name, path))
    return found


class _Wanted(Mapping[str, "Mapping[ObjectPath, Any]"]):
    """The contract's models by kind; a kind's are collected when it is first asked for."""

    def __init__(self, contract: Contract) -> None:
        self._objects = contract.objects
        self._models: dict[str, dict[ObjectPath, Any]] = {}

    def __getitem__(self, kind: str) -> Mapping[ObjectPath, Any]:
        if kind not in self._models:
            self._models[kind] = {path: one.value for path, one in self._objects[kind].items()}
        return self._models[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(self._objects)

    def __len__(self) -> int:
        return len(self._objects)


class _Present(dict[str, Any]):
    """The existing objects by kind; empty for a kind that could not be read."""

    def __missing__(self, kind: str) -> dict[ObjectPath, Any]:
        return {}


def cures(finding: Finding, world: World, refused: Collection[ObjectRef] = ()) -> list[tuple[Step, ...]]:
    """Return the steps that repair a finding, ignoring dependents; none if a person must decide.

    The steps of one cure run in their order. After the first cure come those of objects that depend on its object. No
    step creates an object that the server has `refused`.
    """
    subject = finding.subject
    if subject is None or subject.doubt or finding.ref.kind not in CURES:
        return []
    kind = CURES[finding.ref.kind]
    # The text printed for a column's old type is not valid for its new type.
    printed = None if subject.printed and is_outdated(subject.printed, finding.ref, world) else subject.printed
    plain = world.difference(finding.ref, subject.expected, subject.actual)
    difference = replace(plain, printed=printed, whole=subject.whole)
    steps: tuple[Step, ...] = ()
    others: Iterable[tuple[Step, ...]] = ()
    if finding.rule is MISNAMED:
        if kind.rename and subject.found:
            steps = kind.rename(difference, subject.found)
    elif finding.facet:
        alter = kind.alter[finding.facet]
        steps = alter(difference) if alter else ()
    elif subject.expected is not None:
        steps = kind.create(difference)
        others = _below(finding.ref, world) if steps else ()
    elif finding.rule.name in FORBIDDEN:
        steps = kind.drop(difference)
    elif kind.relieve:
        steps = kind.relieve(difference)
    if _refused_of(steps, refused):
        return []
    chains = (tuple(_explained(step, finding, world.contract) for step in chain) for chain in (steps, *others))
    return [chain for chain in chains if chain and not _refused_of(chain, refused)]


def by_hand(finding: Finding, world: World) -> str:
    """Return what a person does about a facet that has no steps; "" if nothing is known."""
    subject = finding.subject
    if subject is None or finding.ref.kind not in CURES:
        return ""
    told = CURES[finding.ref.kind].by_hand.get(finding.facet)
    return told(world.difference(finding.ref, subject.expected, subject.actual)) if told else ""


def is_outdated(printed: str, ref: ObjectRef, world: World) -> bool:
    """Whether a text may name an object that is to have another type, itself or by what it names."""
    words = {*words_of(printed)}
    found = [path for path in world.retyped() if path[-1] in words]
    if not found or any(len(path) < 3 or path[:-1] in (ref.path, ref.path[:-1]) for path in found):
        return bool(found)
    spoken, new = world.spoken(), words
    while new := {word for name in new & spoken.keys() for word in spoken[name]} - words:
        words |= new
    return any(path[-2] in words for path in found)


def _spoken(present: Mapping[str, Mapping[ObjectPath, Any]]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for kind in KINDS:
        if not (kind.is_relation or kind.needed_by_queries):
            continue
        forms = [attribute.form for attribute in kind.attributes if attribute.form is not None]
        for path, model in present[kind.name].items():
            name = path[min(1, len(path) - 1)]
            texts = [kind.show(model), *(text for form in forms if (text := form.text(model)))]
            found[name] = found.get(name, frozenset()) | frozenset(words_of(" ".join(texts)))
    return found


def _refused_of(steps: Iterable[Step], refused: Collection[ObjectRef]) -> set[ObjectRef]:
    """Return those of the refused objects that some steps would create."""
    return {one.ref for step in steps for one in step.provides if one.state is State.PRESENT and one.ref in refused}


def _below(ref: ObjectRef, world: World) -> Iterator[tuple[Step, ...]]:
    """Return the steps that create the objects declared on a missing object, or in a missing schema."""
    if ref.kind == SCHEMAS.name:
        for inside in world.inside().get(ref.path[0], ()):
            yield CURES[inside.kind].create(world.difference(inside, world.wanted[inside.kind][inside.path], None))
            yield from _below(inside, world)
        return
    for kind in held_by(ref.kind):
        for path, value in world.below.of(kind.name, ref.path).items():
            if value is not None:
                yield CURES[kind.name].create(world.difference(ObjectRef(kind.name, path), value, None))


def _explained(step: Step, finding: Finding, contract: Contract) -> Step:
    declared = contract.objects[step.ref.kind].get(step.ref.path) if step.ref.kind in contract.objects else None
    of_rows = (step.obstacle and step.reads_rows) or (step.risk and step.risk.found.of_rows)
    repair = str(declared.repair) if declared and declared.repair and of_rows else ""
    return replace(step, why=finding.message, repair=repair)


def unasked(finding: Finding) -> bool:
    """Whether a finding is repaired only if an option names it: notes, and objects that the contract omits."""
    return finding.severity is Severity.NOTE or _is_unknown(finding)


def _is_unknown(finding: Finding) -> bool:
    """Whether the finding is about an object that the contract does not name."""
    return (
        finding.subject is not None
        and finding.subject.expected is None
        and not finding.facet
        and finding.rule.name not in FORBIDDEN
    )
