"""What cures share that replace an object on which others depend: the dependents are dropped and recreated."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from sessionaudit.core.ref import dotted
from sessionaudit.core.step import Around, Composed, Rehearsal
from sessionaudit.kinds.common.rights import owning
from sessionaudit.sql.text import quoted, tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sessionaudit.core.cure import Difference
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.core.step import Dependent, Need

_VIEWS = {"view": "view", "materialized view": "materialized_view"}
# The kinds by what a dependent of them is called; dropping one of these needs no permission.
_KINDS = {
    "policy": "policy",
    "trigger": "trigger",
    "rule": "rewrite_rule",
    "check": "check",
    "exclusion constraint": "exclusion",
    "index": "index",
    "foreign key": "foreign_key",
    "primary key": "key",
    "unique constraint": "key",
}

# What may come without statements: a column, for whoever exchanges its type; and one that its parent's brings along.
_WITHOUT = {"column", "column of a child"}


def around(found: Iterable[Dependent], statements: Iterable[str]) -> tuple[str, ...]:
    """The statements, with the dependents dropped before and recreated after them."""
    dependents = tuple(found)
    taken = (statement for one in reversed(dependents) for statement in one.take)
    return (*taken, *statements, *(statement for one in dependents for statement in one.put))


def itself(one: Dependent, ref: ObjectRef) -> bool:
    """Whether a dependent is the replaced object itself."""
    return one.name in {dotted((ref.path[0], ref.path[2])), f"{ref.name} of {dotted(ref.path[:2])}"}


def marks(found: Iterable[Dependent], ref: ObjectRef) -> tuple[str, ...]:
    """Gives a new object of the same name what the old one has besides its definition, such as a comment."""
    return tuple(statement for one in found if itself(one, ref) for statement in one.put[1:])


def exchanged(ref: ObjectRef, address: str, statements: Sequence[str], kept: Callable[[str], bool] = bool) -> Around:
    """For a step that drops an object and creates it as expected, with what the old one has besides its definition.

    `address` is the query of its address, `kept` selects the statements that are to run.
    """

    def compose(found: tuple[Dependent, ...]) -> Composed:
        return Composed((*statements, *filter(kept, marks(found, ref))))

    return Around(f"select o.*, true, false from ({address}) o", compose)


def compiled(found: Iterable[Dependent]) -> Iterator[str]:
    """The note about functions that are altered only so that sessions compile them again."""
    names = [one.name for one in found if one.sort == "function" and one.put and not one.take]
    if names:
        many, them = ("", "it") if len(names) == 1 else ("s", "them")
        yield (
            f"It alters the function{many} {', '.join(names)}: sessions that have compiled {them} compile {them} again."
        )


_TRIED = frozenset(
    {"generated column", "default", "check", "index", "exclusion constraint", "view", "rule", "trigger", "policy"}
)


def rehearsed(
    found: Iterable[Dependent], tables: Iterable[ObjectPath], before: Iterable[str], change: Iterable[str]
) -> Rehearsal:
    """What of a change can be tried beforehand: with the dependents of the tables, or of their views."""
    on, carried = tuple(tables), [*found]
    views = tuple(one.path for one in carried if one.sort == "view" and one.put)
    tried = [one for one in carried if one.sort in _TRIED and one.put and one.path[:2] in {*on, *views}]
    columns = (take for one in tried if one.sort == "generated column" for take in one.take)
    after = tuple((f"{one.sort} {one.name}", one.put[0]) for one in tried)
    return Rehearsal(on, views, (*before, *columns), tuple(change), after)


def locked(found: Iterable[Dependent]) -> tuple[ObjectPath, ...]:
    """The relations that are locked while their dependents are recreated."""
    return tuple(
        dict.fromkeys(one.path[:2] for one in found if len(one.path) > 1 and (one.take or one.sort in _WITHOUT))
    )


def owned(found: Iterable[Dependent]) -> tuple[Need, ...]:
    """The rights that recreating the dependents needs."""
    return tuple(owning(path) for path in locked(found))


def is_stuck(one: Dependent) -> bool:
    """Whether a dependent cannot be recreated."""
    return not one.put and one.sort not in _WITHOUT


def stuck(found: Iterable[Dependent], path: ObjectPath) -> str:
    """Why the dependents of the object at a path cannot be recreated; "" if they can."""
    left = [one for one in found if is_stuck(one)]
    names = listed(one for one in left if one.path != path)
    return fixed(left, path) or (f"{names} cannot be dropped and recreated" if names else "")


def fixed(found: Iterable[Dependent], path: ObjectPath) -> str:
    """What the object itself is, where it cannot be changed."""
    sort = next((one.sort for one in found if one.path == path and is_stuck(one)), "")
    return f"it is a{'n' if sort[0] in 'aeiou' else ''} {sort}" if sort else ""


def unwanted(one: Dependent, difference: Difference[Any]) -> bool:
    """Whether the contract declares a dependent absent, so that dropping it needs no permission."""
    if one.sort in _VIEWS:
        return any(difference.wanted.get(kind, {}).get(one.path, one) is None for kind in ("table", _VIEWS[one.sort]))
    kind = _KINDS.get(one.sort, "")
    return any(
        value is None and one.name == (dotted((path[0], path[2])) if kind == "index" else f"{quoted(path[2])} of {on}")
        for path, value in difference.wanted.get(kind, {}).items()
        for on in (dotted(path[:2]),)
    )


_BEFORE = {"drop", "materialized"}
_SORTS = {"constraint", "index", "policy", "rule", "trigger", "view"}


def left_out(one: Dependent) -> Dependent:
    """The dependent, dropped and not recreated; another step of the plan may have dropped it before."""
    return replace(one, take=tuple(map(_if_exists, one.take)), put=())


def _if_exists(statement: str) -> str:
    words = [token for token in tokens(statement) if token.sort == "word"]
    sorts = (word for before, word in pairwise(words) if before.text in _BEFORE and word.text in _SORTS)
    end = next((word.end for word in sorts), None)
    return statement if end is None else f"{statement[:end]} if exists{statement[end:]}"


def listed(found: Iterable[Dependent]) -> str:
    """The dependents' names, for a sentence."""
    return " and ".join(dict.fromkeys(f"the {one.sort} {one.name}" for one in found))
