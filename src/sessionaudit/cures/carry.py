"""What the cures share that exchange an object beneath others: all that depends on it goes and comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.cure import owning
from sessionaudit.core.ref import dotted
from sessionaudit.core.sql import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.core.cure import Difference
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.step import Dependent, Need

# The kinds by what a dependent of them is called; no step that drops one of these waits to be allowed.
_KINDS = {
    "policy": "policy",
    "trigger": "trigger",
    "check": "check",
    "index": "index",
    "foreign key": "foreign_key",
    "primary key": "key",
    "unique constraint": "key",
}
# What goes with a column by itself.
_SILENT = frozenset(
    {"default", "check", "index", "primary key", "unique constraint", "exclusion constraint", "statistics"}
)


def around(found: Iterable[Dependent], statements: Iterable[str]) -> tuple[str, ...]:
    """The statements, with the dependents taken away before them and put back after them."""
    dependents = tuple(found)
    taken = (statement for one in reversed(dependents) for statement in one.take)
    return (*taken, *statements, *(statement for one in dependents for statement in one.put))


def locked(found: Iterable[Dependent]) -> tuple[ObjectPath, ...]:
    """The relations that are locked while their dependents are exchanged."""
    return tuple(
        dict.fromkeys(one.path[:2] for one in found if len(one.path) > 1 and (one.take or one.sort == "column"))
    )


def owned(found: Iterable[Dependent]) -> tuple[Need, ...]:
    """The rights without which the dependents cannot be exchanged."""
    return tuple(owning(path) for path in locked(found))


def stuck(found: Iterable[Dependent], path: ObjectPath) -> str:
    """Why the dependents of the object at a path cannot be carried over; "" if they can."""
    left = [one for one in found if one.stuck]
    names = listed(one for one in left if one.path != path)
    return _itself(left, path) or (f"{names} cannot be carried over it" if names else "")


def _itself(found: Iterable[Dependent], path: ObjectPath) -> str:
    """What the object itself is that cannot be changed."""
    sort = next((one.sort for one in found if one.path == path and one.stuck), "")
    return f"it is a{'n' if sort[0] in 'aeiou' else ''} {sort}" if sort else ""


def unwanted(one: Dependent, difference: Difference[Any]) -> bool:
    """Whether the contract declares a dependent absent, and nobody need allow that it is dropped."""
    kind = _KINDS.get(one.sort, "")
    return any(
        value is None and one.name == (dotted((path[0], path[2])) if kind == "index" else f"{quoted(path[2])} of {on}")
        for path, value in difference.wanted.get(kind, {}).items()
        for on in (dotted(path[:2]),)
    )


def keeping(found: Iterable[Dependent], difference: Difference[Any]) -> str:
    """What keeps the object from being dropped, as a reason; "" if nothing does."""
    using = [
        one
        for one in found
        if one.path != difference.ref.path and not unwanted(one, difference)
        if one.stuck or one.sort == "column" or (one.take and one.sort not in _SILENT)
    ]
    reason = f"{listed(using)} need{'s' if len(using) == 1 else ''} it" if using else ""
    return _itself(found, difference.ref.path) or reason


def listed(found: Iterable[Dependent]) -> str:
    """The dependents' names, for a sentence."""
    return " and ".join(dict.fromkeys(f"the {one.sort} {one.name}" for one in found))
