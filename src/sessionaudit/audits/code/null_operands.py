"""Note where code compares a text with null: the library sends the word, and PostgreSQL compares with the text “null”.

Of other types, the server refuses that word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.code import rules
from sessionaudit.audits.code.model import Fields, Items, Known
from sessionaudit.audits.code.postgrest.filters import FilterTerm
from sessionaudit.core.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.audits.code.compiling import Compiled
    from sessionaudit.audits.code.model import CodeValue, Modifier, Span
    from sessionaudit.audits.code.postgrest.query import PlacedFilter
    from sessionaudit.audits.code.schema_cache.model import CachedRelation

_TEXT = "S"
_NULL = "null"
# With these, rows without a value are what the text “null” differs from.
_DIFFERS = {"neq", "isdistinct"}
_LEFT_OUT = "Rows in which it is null are not found: use “is” with null in place of “{method}”."
_FOUND = (
    "Rows in which it is null are found, and those with this text are not: use “is” and “not” in place of “{method}”."
)
_BY_CHANCE = (
    "Rows in which it is null are not found, nor those with this text: use “not” and “is” in place of “{method}”."
)


def judge_nulls(one: Compiled) -> None:
    """Add what is found to the verdicts of a request."""
    given = {modifier.at: list(_nulls(modifier)) for modifier in one.request.modifiers}
    for placed in one.query.filters if any(given.values()) else ():
        term = placed.tree
        places = given.get(placed.at)
        if not places or not isinstance(term, FilterTerm) or term.operator == "is":
            continue
        relation = _relation_of(one, placed)
        if relation is not None and _NULL in [value.text for value in term.values] and _is_text(relation, term):
            _note(one, placed, term, relation, places[0])


def _nulls(modifier: Modifier) -> Iterator[Span]:
    """The places of null among the values of a method; not in a text, whose author may mean the word."""
    for value in modifier.arguments:
        yield from _inside(value)


def _inside(value: CodeValue) -> Iterator[Span]:
    if isinstance(value, Known) and value.value is None:
        yield value.at
    elif isinstance(value, Items):
        for one in value.values:
            yield from _inside(one)
    elif isinstance(value, Fields):
        for field in value.fields:
            yield from _inside(field.value)


def _relation_of(one: Compiled, placed: PlacedFilter) -> CachedRelation | None:
    tree = one.tree
    if tree is None:
        return one.relation if not placed.tables else None
    for name in placed.tables:
        child = tree.child(name)
        if child is None:
            return None
        tree = child.tree
    return tree.relation


def _is_text(relation: CachedRelation, term: FilterTerm) -> bool:
    column = relation.columns.get(term.field.name)
    if column is None:
        return False
    return term.field.path[-1].arrow == "->>" if term.field.path else column.category == _TEXT


def _note(one: Compiled, placed: PlacedFilter, term: FilterTerm, relation: CachedRelation, at: Span) -> None:
    name = f"{'.'.join(relation.path)}.{term.field.name}" + "".join(
        f"{step.arrow}{step.key}" for step in term.field.path
    )
    ref = relation.column_ref(term.field.name)
    differs = term.operator in _DIFFERS
    by_chance = differs and term.operator != "isdistinct"
    hint = (_BY_CHANCE if by_chance else _FOUND if differs else _LEFT_OUT).format(method=placed.method)
    one.found(
        rules.NULL_AS_TEXT,
        at,
        f"{name} is compared with the text “null”, and not with null",
        ref=ref,
        actual=_NULL,
        hint=hint,
        stands_on=(relation.ref, ref),
        certain=False,
        severity=Severity.NOTE if by_chance else None,
    )
