"""Order the steps that drop objects by the dependencies in the database, which the contract does not have.

An object that depends on a dropped one must be dropped before it, or changed so that it no longer depends on it.
Objects of one kind that depend on each other are dropped by one statement.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, cast

from msgspec import Struct
from msgspec.structs import replace

from sessionaudit.core.ref import dotted
from sessionaudit.core.step import Condition, State
from sessionaudit.kinds.cures import CURES
from sessionaudit.steps.order import words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.core.step import Step
    from sessionaudit.postgres.dropped import Standing
    from sessionaudit.steps.order import Graph

    Models = Mapping[str, Mapping[ObjectPath, object]]

_DECLARED = ("would be dropped with it, and is in the contract", "would be dropped with it, and are in the contract")
_MOST_NAMED = 10


def arrange(
    graph: Graph,
    standing: Callable[[Sequence[tuple[str, bool]]], Sequence[Standing]],
    *,
    wanted: Models,
    present: Models,
) -> dict[int, str]:
    """Order the steps that drop objects so that PostgreSQL accepts them; return why some of them cannot run.

    `wanted` and `present` hold the expected and the existing objects, by kind and path.
    """
    places: dict[ObjectRef, set[int]] = {}
    for index, step in enumerate(graph.steps):
        places.setdefault(step.ref, set()).add(index)
    asked = [(ref, query) for ref in places if (query := _address(ref))]
    dropped = {step.ref for step in graph.steps if _drops(step)} & {ref for ref, _ in asked}
    if not dropped:
        return {}
    kept: dict[int, list[str]] = {}
    needed: dict[int, list[str]] = {}
    unasked: dict[int, list[ObjectPath]] = {}
    for one in standing([(query, ref in dropped) for ref, query in asked]):
        ref = asked[one.place][0]
        if one.path:
            is_declared = wanted.get(one.sort, {}).get(one.path) is not None
            for index in places[ref]:
                if is_declared:
                    needed.setdefault(index, []).append(one.told)
                elif _drops(graph.steps[index]):
                    unasked.setdefault(index, []).append(one.path)
            continue
        others = {asked[place][0] for place in one.going} or {
            other
            for place in one.changing
            for other in (asked[place][0],)
            if _released(other, ref, wanted=wanted, present=present)
        }
        for index in places[ref]:
            if not others:
                kept.setdefault(index, []).append(one.told)
            for other in others:
                graph.hard[index] |= places[other] - {index}
    for index, paths in unasked.items():
        graph.steps[index] = _naming(graph.steps[index], paths)
    for circle in graph.circles():
        together = _together([graph.steps[index] for index in circle])
        if together is not None:
            graph.merge(circle, together)
    reasons: dict[int, str] = {}
    for found, one_says, many_say in ((kept, "depends on it", "depend on it"), (needed, *_DECLARED)):
        for index, told in found.items():
            names = [f"the {name}" for name in dict.fromkeys(told)]
            said = f"{' and '.join(names)} {one_says if len(names) == 1 else many_say}"
            place = graph.merged.get(index, index)
            reasons[place] = f"{reasons[place]}; {said}" if place in reasons else said
    return reasons


def _address(ref: ObjectRef) -> str | None:
    """The query of an object's address in pg_depend; None for what nothing can depend on."""
    cure = CURES.get(ref.kind)
    return cure.address(ref.path) if cure and cure.address else None


def _drops(step: Step) -> bool:
    return Condition(step.ref, State.ABSENT) in step.provides


def _naming(step: Step, paths: Sequence[ObjectPath]) -> Step:
    """Add to a step the names of the objects that are dropped with its object, and locks on them."""
    names = [dotted(path) for path in paths[:_MOST_NAMED]]
    more = len(paths) - len(names)
    listed = f"{', '.join(names)} and {more} more" if more else " and ".join(", ".join(names).rsplit(", ", 1))
    locks = tuple(dict.fromkeys((*step.locks, *(path[:2] for path in paths))))
    return replace(step, action=f"{step.action}, which also drops {listed}", locks=locks)


def _released(other: ObjectRef, ref: ObjectRef, *, wanted: Models, present: Models) -> bool:
    """Whether a changed object refers to a dropped one now, but not when it is as expected."""
    name = next(part for part in reversed(ref.path) if not part.startswith("("))
    now, then = present.get(other.kind, {}).get(other.path), wanted.get(other.kind, {}).get(other.path)
    if now is None or then is None:
        return False
    return _named_in(name, now) and not _named_in(name, then)


def _named_in(name: str, model: object) -> bool:
    """Whether a model contains SQL that mentions a name."""
    if isinstance(model, str):
        return name in words_of(model)
    if isinstance(model, Mapping):
        return any(_named_in(name, one) for pair in cast("Mapping[object, object]", model).items() for one in pair)
    if isinstance(model, Collection):
        return any(_named_in(name, one) for one in cast("Collection[object]", model))
    if isinstance(model, Struct):
        return any(_named_in(name, getattr(model, field)) for field in model.__struct_fields__)
    return False


def _together(steps: Sequence[Step]) -> Step | None:
    """Combine several drops into one step; return None if PostgreSQL has no statement for that."""
    first = steps[0]
    words = {statement.removesuffix(step.ref.dotted) for step in steps for statement in step.sql}
    alike = len(words) == 1 and all(_drops(step) and step.sql[0].endswith(f" {step.ref.dotted}") for step in steps)
    if not alike or any(step.obstacle or step.around for step in steps):
        return None
    rest = " and ".join(step.action.partition(" ")[2] for step in steps)
    return replace(
        first,
        action=f"{first.action.partition(' ')[0]} {rest}",
        sql=(words.pop() + ", ".join(step.ref.dotted for step in steps),),
        done=f"({' and '.join(step.done for step in steps)})",
        locks=tuple(dict.fromkeys(path for step in steps for path in step.locks)),
        provides=tuple(dict.fromkeys(condition for step in steps for condition in step.provides)),
        requires=tuple(dict.fromkeys(condition for step in steps for condition in step.requires)),
        needs=tuple(dict.fromkeys(need for step in steps for need in step.needs)),
        hazards=tuple(dict.fromkeys(hazard for step in steps for hazard in step.hazards)),
        why=" ".join(dict.fromkeys(step.why for step in steps)),
    )
