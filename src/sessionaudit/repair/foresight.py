"""Everything that holds a step back, at once: the first reason, and what would hold it back next."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sessionaudit.core.held_back import LETTING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sessionaudit.core.held_back import Held
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.core.step import Hazard, Step
    from sessionaudit.repair.plan import Plan

    Name = tuple[ObjectRef, str]


def foresee(
    plan: Plan, allowed: frozenset[Hazard], then: Callable[[frozenset[Hazard], Collection[Name]], Plan | None]
) -> Plan:
    """The plan, in which what is held back is told with all the hazards that it has, and with the rows in its way.

    `allowed` are the hazards that the plan may run into. `then` makes the plan anew for others and looks at the steps
    of these names; None where it cannot.
    """
    held = {_name(one.step): one for one in plan.held}
    tried: set[frozenset[Hazard]] = {frozenset()}
    # What is allowed is not looked for: each step is asked about with its own hazards, and not with those of others.
    while group := next((set_ for one in held.values() if (set_ := frozenset(one.allow)) not in tried), None):
        tried.add(group)
        names = [name for name, one in held.items() if frozenset(one.allow) in {group, frozenset()}]
        later = then(allowed | group, names)
        after = {_name(one.step): one for one in later.held} if later else {}
        for name, one in held.items():
            if name in after and frozenset(one.allow) == group:
                held[name] = _both(one, after[name])
    return replace(plan, held=tuple(held[_name(one.step)] for one in plan.held))


def narrowed(plan: Plan, names: Collection[Name]) -> Plan:
    """The plan in which the rows are asked of the steps of these names alone."""
    steps = (step if _name(step) in names else replace(step, obstacle=None, risk=None) for step in plan.steps)
    return replace(plan, steps=tuple(steps))


def _name(step: Step) -> Name:
    return step.ref, step.action


def _both(first: Held, then: Held) -> Held:
    """One reason for a step that is held back, made of the one that comes up and of the one that comes after it."""
    if then.again:
        return first
    allow = tuple(dict.fromkeys((*first.allow, *then.allow))) if then.allow or then.by_data else ()
    if then.reason in first.reason:
        return replace(first, allow=allow, by_data=first.by_data or then.by_data)
    step = replace(first.step, hazards=tuple(dict.fromkeys((*first.step.hazards, *then.step.hazards))))
    words, others = _words(first.allow), _words(then.allow)
    lead = first.help.removesuffix(words).strip().removesuffix(LETTING).strip()
    if then.allow:
        help_ = f"{lead} {then.help.replace(others, _words(allow), 1)}"
    elif then.by_data:
        help_ = f"{first.help}. And {then.help}"
    else:  # nothing of a call lets it run
        help_ = f"{lead} {then.help} Then: {words}."
    return replace(
        then,
        reason=f"{first.reason}; and {then.reason}",
        told=f"{first.told or first.reason}; and {then.told or then.reason}",
        help=help_.strip(),
        allow=allow,
        by_data=first.by_data or then.by_data,
        step=step,
    )


def _words(hazards: Collection[Hazard]) -> str:
    return " ".join(f"--allow {hazard}" for hazard in hazards)
