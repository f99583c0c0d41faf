"""Whether what guards a table refuses less as it is expected than as it is, as far as the texts alone tell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sessionaudit.core.fragment import Fragment, FragmentError
from sessionaudit.core.sql import canonical
from sessionaudit.core.step import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.core.step import Step
    from sessionaudit.kinds.check import Check
    from sessionaudit.kinds.index import Index
    from sessionaudit.kinds.key import Key
    from sessionaudit.kinds.trigger import Trigger


def loosening(steps: Iterable[Step], *, looser: bool) -> tuple[Step, ...]:
    """The steps, all of which must be allowed where what they make refuses less: one alone would be for nothing."""
    if not looser:
        return (*steps,)
    return tuple(replace(one, hazards=tuple(dict.fromkeys((*one.hazards, Hazard.LOOSEN)))) for one in steps)


def weaker_key(new: Key, old: Key) -> bool:
    """Whether equal rows get in that the old key refuses, or get in until the end of a transaction."""
    columns, were = {*new.columns}, {*old.columns}
    return (
        (old.nulls_not_distinct and not new.nulls_not_distinct)
        or (new.type != old.type == "primary key")
        or columns > were
        or (columns == were and old.without_overlaps and not new.without_overlaps)
        or bool(new.deferral and not old.deferral)
    )


def weaker_index(new: Index, old: Index) -> bool:
    """Whether equal rows get in that the old unique index refuses."""
    if not old.unique:
        return False
    if not new.unique:
        return True
    alike = "nulls not distinct"
    if alike in canonical(old.definition) and alike not in canonical(new.definition):
        return True
    now, then = _made_unique(old.definition), _made_unique(new.definition)
    if now is None or then is None:
        return False
    return then[0] > now[0] or (then[1] and not now[1])


def _made_unique(definition: str) -> tuple[frozenset[str], bool] | None:
    """What an index makes unique together, and whether in some rows alone; None where that cannot be read.

    An expression stands there by its number alone, for the server spells it otherwise than a contract.
    """
    fragment, found, expressions = Fragment(definition), set[str](), 0
    try:
        fragment.name("a method")
        elements = Fragment(fragment.parenthesised())
        while not elements.done:
            element = elements.until((",",))
            elements.accept(",")
            expressions += "(" in element
            found.add(f"({expressions})" if "(" in element else Fragment(element).name())
        while not (fragment.done or fragment.accept("where")):
            fragment.until(("where",))
    except FragmentError:
        return None
    return frozenset(found), not fragment.done


def weaker_check(new: Check, old: Check) -> bool:
    """Whether child tables lose the check, or it is no longer held at all."""
    return (new.no_inherit and not old.no_inherit) or (old.enforced and not new.enforced)


def weaker_trigger(new: Trigger, old: Trigger) -> bool:
    """Whether it no longer fires for some of what it fires for, or only at the end of a transaction."""
    return (
        not _covered(old.events, new.events)
        or (new.level != old.level == "row")
        or (new.when is not None and old.when is None)
        or bool(new.deferral and not old.deferral)
    )


def _covered(events: Iterable[str], by: Iterable[str]) -> bool:
    known = dict(map(_event, by))
    return all(word in known and _all_of(columns, known[word]) for word, columns in map(_event, events))


def _event(text: str) -> tuple[str, frozenset[str]]:
    """An event, and the columns of an update; none where it is any of them."""
    word, _, columns = text.partition(" of ")
    return word, frozenset(Fragment(f"({columns})").names() if columns else ())


def _all_of(columns: frozenset[str], known: frozenset[str]) -> bool:
    return not known or (bool(columns) and columns <= known)
