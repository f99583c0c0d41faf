"""Whether a constraint, index or trigger becomes weaker, as far as the definitions tell."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from sessionaudit.core.step import Hazard
from sessionaudit.kinds.exclusion.model import divided
from sessionaudit.sql.expression import tree
from sessionaudit.sql.fragment import Fragment, FragmentError
from sessionaudit.sql.text import canonical, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.core.step import Step
    from sessionaudit.kinds.check.model import Check
    from sessionaudit.kinds.exclusion.model import Exclusion
    from sessionaudit.kinds.foreign_key.model import ForeignKey
    from sessionaudit.kinds.index.model import Index
    from sessionaudit.kinds.key.model import Key
    from sessionaudit.kinds.trigger.model import Trigger
    from sessionaudit.sql.constant import Tree


_UNPROVEN = "It is not certain that the new one rejects all that the existing one rejects."
_DEFERRALS = ("", "deferrable", "deferrable initially deferred")  # from what is looked at at once to what is last


def loosening(steps: Iterable[Step], *, looser: bool | None, unproven: str = _UNPROVEN) -> tuple[Step, ...]:
    """The steps, all of which must be allowed where the result is weaker; one alone would be useless.

    `looser` is None where that is not known, as `unproven` says, which must be allowed as well.
    """
    if looser is False:
        return (*steps,)
    action = "" if looser else f". {unproven}"
    return tuple(
        replace(
            one,
            action=f"{one.action}{action}".removesuffix("."),
            hazards=tuple(dict.fromkeys((*one.hazards, Hazard.LOOSEN))),
        )
        for one in steps
    )


def later(new: str, old: str) -> bool:
    """Whether a constraint or trigger with one deferral is, or can be, checked later than with the other."""
    return _DEFERRALS.index(new) > _DEFERRALS.index(old)


def weaker_key(new: Key, old: Key) -> bool:
    """Whether duplicates are accepted that the old key rejects, perhaps until the end of a transaction.

    Rows unique in some columns are unique in any superset of them.
    """
    columns, were = {*new.columns}, {*old.columns}
    return (
        (old.nulls_not_distinct and not new.nulls_not_distinct)
        or (new.type != old.type == "primary key")
        or not columns <= were
        or (columns == were and old.without_overlaps and not new.without_overlaps)
        or later(new.deferral, old.deferral)
    )


def weaker_foreign_key(new: ForeignKey, old: ForeignKey) -> bool:
    """Whether rows are accepted that the old foreign key rejects, perhaps until the end of a transaction.

    The same columns with another target are as restricted as before.
    """
    if not old.enforced:
        return False
    if later(new.deferral, old.deferral):
        return True
    partial = (new.match, old.match) == ("", "full")  # a key of which only a part is null
    return partial or not {*old.columns} <= {*new.columns} or (old.period and not new.period)


def weaker_index(new: Index, old: Index, schema: str = "") -> bool | None:
    """Whether duplicates are accepted that the old unique index rejects; None where that is not known."""
    if not old.unique:
        return False
    if not new.unique:
        return True
    alike = "nulls not distinct"
    if alike in canonical(old.definition) and alike not in canonical(new.definition):
        return True
    now, then = _made_unique(new.definition, schema), _made_unique(old.definition, schema)
    if now is None or then is None:
        return None
    if not now.keys <= then.keys:
        return True if now.keys - now.computed - then.keys else None
    if now.where == then.where or now.where is None:
        return False
    if then.where is None:
        return True
    return False if _implied(now.where, then.where, schema) else None


def weaker_exclusion(new: Exclusion, old: Exclusion, schema: str = "") -> bool | None:
    """Whether rows are accepted that the old constraint rejects; None where that is not known.

    Two rows conflict that do so by every element, so that fewer elements reject more.
    """
    if old.slack:
        return False
    if later(new.deferral, old.deferral):
        return True
    if new.definition == old.definition:
        return False
    now, then = divided(new.definition), divided(old.definition)
    elements, were = ({(canonical(one.text), canonical(one.operator)) for one in each.elements} for each in (now, then))
    if not elements <= were:
        return True if elements > were else None
    if not now.where or canonical(now.where) == canonical(then.where):
        return False
    if not then.where:
        return True
    return False if _implied(now.where, then.where, schema) else None


class _Unique(Struct, frozen=True):
    """The columns and expressions that an index makes unique, as trees, and its predicate."""

    keys: frozenset[Tree]
    computed: frozenset[Tree]
    where: str | None


def _made_unique(definition: str, schema: str) -> _Unique | None:
    """Read an index; None where it cannot be read."""
    fragment, where = Fragment(definition), None
    found: set[Tree] = set()
    computed: set[Tree] = set()
    try:
        fragment.name("a method")
        elements = Fragment(fragment.parenthesised())
        while not elements.done:
            element = Fragment(elements.until((",",)))
            elements.accept(",")
            name = "" if element.peek("(") else quoted(element.name())
            expression = f"{name}({element.parenthesised()})" if element.peek("(") else name
            read = tree(f"select {expression}", schema)
            collation = element.name() if element.accept("collate") else ""
            key: Tree = ("key", collation, expression if read is None else read[0])
            found.add(key)
            if expression != name:
                computed.add(key)
        while not fragment.done:
            if fragment.accept("where"):
                where = fragment.rest()
                break
            fragment.until(("where",))
    except FragmentError:
        return None
    return _Unique(frozenset(found), frozenset(computed), where)


def weaker_check(new: Check, old: Check, schema: str = "") -> bool | None:
    """Whether rows are accepted that the old check rejects, or child tables lose it; None where that is not known."""
    if not old.enforced:
        return False
    if not new.enforced or (new.no_inherit and not old.no_inherit):
        return True
    return False if _implied(old.expression, new.expression, schema) else None


def _implied(what: str, by: str, schema: str) -> bool:
    """Whether one condition certainly is true wherever another one is."""
    wanted, given = (tree(f"select {one}", schema) for one in (what, by))
    if wanted is None or given is None or max(len(wanted[0]), len(given[0])) > _SINGLE:
        return False
    return implied_by(wanted[0][-1], given[0][-1])


def implied_by(what: Tree, by: Tree) -> bool:
    """Whether one condition, as a tree, certainly is true wherever another one is."""
    known = _parts(by, "and")
    return all(any(_follows(part, one) for one in known) for part in _parts(what, "and"))


_SINGLE = 3  # parts of the tree of `select` and one expression


def _parts(whole: Any, word: str) -> tuple[Any, ...]:
    parts: tuple[Any, ...] = whole[1:] if whole[0] == word else (whole,)
    return parts


def _follows(what: Any, given: Any) -> bool:
    """Whether one condition follows from another by its form: equal, one of several, a narrower range."""
    if what == given or (what[0] == "or" and any(_follows(one, given) for one in what[1:])):
        return True
    if _listing(what) and _listing(given) and what[1:3] == given[1:3]:
        few, many = ({*one[3:]} for one in ((given, what) if what[1] == "=" else (what, given)))
        return few <= many
    if what[0] != "op" != given[0] or len(what) != _PAIR or len(given) != _PAIR or what[2] != given[2]:
        return False
    old, new = _number(what[3]), _number(given[3])
    if old is None or new is None or {what[1][:1], given[1][:1]} not in ({"<"}, {">"}) or "<>" in {what[1], given[1]}:
        return False
    farther = new > old if what[1].startswith(">") else new < old
    return farther or (new == old and not (len(what[1]) == 1 and len(given[1]) > 1))


def _number(constant: Any) -> Decimal | None:
    """The number that a constant is, whatever its numeric type; PostgreSQL prints -5 as `'-5'::integer`."""
    if constant[0] == "cast" and constant[2] in _NUMERIC:
        constant = constant[1]
    if constant[0] == "neg":
        number = _number(constant[1])
        return None if number is None else -number
    if constant[0] not in {"number", "string"} or not _DIGITS.match(constant[1]):
        return None
    return Decimal(constant[1])


_NUMERIC = {"smallint", "integer", "bigint", "numeric", "real", "double precision"}
_DIGITS = re.compile(r"-?[0-9]+(\.[0-9]+)?\Z")


def _listing(one: Any) -> bool:
    """Whether it compares with some values: `x = 1`, `x in (1, 2)`, `x not in (1, 2)`."""
    return one[0] == "in" or (one[0] == "op" and one[1] in {"=", "<>"} and len(one) == _PAIR)


_PAIR = 4  # parts of the tree of an operator with both of its sides


def weaker_trigger(new: Trigger, old: Trigger) -> bool:
    """Whether the trigger no longer fires for some events, or only at the end of a transaction."""
    return (
        not _covered(old.events, new.events)
        or (new.level != old.level == "row")
        or (new.when is not None and old.when is None)
        or later(new.deferral, old.deferral)
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
