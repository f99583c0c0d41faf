"""Report everything that holds a step back at once: the first reason, and the next one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

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
    """Return the plan, in which each held-back step has all its hazards, and the rows in its way.

    `allowed` are the allowed hazards. `then` makes the plan again with other allowed hazards, and examines the steps of
    the given names; it returns None if it cannot.
    """
    held = {_name(one.step): one for one in plan.held}
    tried: set[frozenset[Hazard]] = {frozenset()}
    # Allowed hazards are not looked for: so each step is examined with its own hazards, not with those of others.
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
    """Return the plan in which only the steps of these names are checked for rows."""
    steps = (step if _name(step) in names else replace(step, obstacle=None, risk=None) for step in plan.steps)
    return replace(plan, steps=tuple(steps))


def _name(step: Step) -> Name:
    return step.ref, step.action


def _both(first: Held, then: Held) -> Held:
    """Combine the first reason that holds a step back with the one that follows it."""
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
    elif then.help and then.help in lead:
        help_ = first.help
    else:  # no option lets it run
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
