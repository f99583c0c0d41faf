"""Functions that are dropped and created again, with what the old one had, and with what depends on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.core.step import Around, Composed, Hazard, LockLevel
from sessionaudit.kinds.common.address import at
from sessionaudit.kinds.common.carried_over import listed, locked, owned
from sessionaudit.kinds.common.recreated_routine import depending, giving_back, recreated
from sessionaudit.kinds.function.definition_text import noun
from sessionaudit.kinds.function.routine import found
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from sessionaudit.core.cure import Difference
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.step import Dependent, Step
    from sessionaudit.kinds.function.model import Function


def recreating(difference: Difference[Function], created: str) -> str:
    """The statement that drops it and creates the expected one; what belongs to the old one is carried over."""
    return recreated(difference.ref, f"drop {noun(difference.old)} {difference.ref.dotted}", f"create {created}")


# What is recreated without reading rows, and means the same as before if it names the function.
_CARRIED = frozenset({"view", "policy", "trigger", "default"})


def with_dependents(difference: Difference[Function], step: Step) -> Step:
    """The step that recreates a function, with its dependents: carried over, or in its way."""
    ref = difference.ref
    step = replace(
        step, needs=(*step.needs, giving_back(ref.path, found(ref.path))), hazards=(Hazard.DROP, *step.hazards)
    )
    if step.locks:  # which cannot be told apart from the locks on its dependents
        return replace(step, obstacle=depending(ref, found(ref.path)))

    def compose(found: tuple[Dependent, ...]) -> Composed:
        others = [one for one in found if not itself(one, difference)]
        hindering = [one for one in others if one.sort not in _CARRIED or not one.put]
        taken = (statement for one in reversed(others) for statement in one.take)
        put = (statement for one in others for statement in one.put)
        return Composed(
            (*taken, *step.sql, *put),
            told=f"It drops and recreates {listed(others)}." if others else "",
            locks=locked(others),
            needs=owned(others),
            stuck=f"{listed(hindering)} cannot be dropped and recreated" if hindering else "",
            help=f"Drop what depends on {ref.dotted}, and recreate it afterwards." if hindering else "",
        )

    around = Around(f"select o.*, true, false from ({address(ref.path)}) o", compose)
    return replace(step, around=around, lock=LockLevel.ACCESS_EXCLUSIVE)


def itself(one: Dependent, difference: Difference[Function]) -> bool:
    """Whether a dependent is the function itself."""
    return one.sort == "function" and _spelled(one.name, difference) == _spelled(difference.ref.dotted, difference)


def _spelled(name: str, difference: Difference[Function]) -> str:
    return name.replace(", ", ",").replace(f"{quoted(difference.schema)}.", "")


def address(path: ObjectPath) -> str:
    """The address of the function in pg_depend, as a query."""
    return at("pg_proc", "p.oid", found(path))
