"""Find the part of a plan that the role may run, where it lacks rights for some of the steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.repair.preflight import Preflight

_MOST_ROUNDS = 4  # what is left out may make other steps necessary
_MOST_NAMES = 20  # a command with more is not typed


class Possible(NamedTuple):
    """The obstacles of a plan, and whether it has steps."""

    preflight: Preflight
    has_steps: bool


def without_the_barred(
    first: Preflight, known: Collection[ObjectRef], again: Callable[[Collection[str]], Possible | None]
) -> tuple[str, ...]:
    """Return the names of objects without which a plan can be applied; none if there are none, or nothing is left.

    `first` are its obstacles, and `known` the objects that can be left out. `again` makes the plan without some, by
    their names; it returns None if it cannot.
    """
    names: dict[str, None] = {}
    made: Possible | None = Possible(first, has_steps=True)
    for _ in range(_MOST_ROUNDS):
        if made is None or not made.preflight.refusals:
            break
        barred = made.preflight.barred
        if not {ref.dotted for ref in barred} - names.keys() or not {*known}.issuperset(barred):
            return ()
        names |= dict.fromkeys(ref.dotted for ref in barred)
        made = again(names)
    possible = made is not None and made.has_steps and not made.preflight.refusals
    return tuple(names) if possible and len(names) <= _MOST_NAMES else ()
