"""Read filters: `column=operator.value`, and the logic trees of `and` and `or`.

After `pOpExpr`, `pLogicTree` and `pOrder` of PostgREST.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from msgspec import Struct

from sessionaudit.audits.code.postgrest.grammar import (
    QueryError,
    QueryField,
    Scanner,
    field,
    field_name,
    identifier,
    quoted_value,
)

# By its words, the operator in SQL. The order is that in which PostgREST tries them.
SIMPLE = {
    "neq": "<>",
    "cs": "@>",
    "cd": "<@",
    "ov": "&&",
    "sl": "<<",
    "sr": ">>",
    "nxr": "&<",
    "nxl": "&>",
    "adj": "-|-",
}
QUANTIFIED = {
    "eq": "=",
    "gte": ">=",
    "gt": ">",
    "lte": "<=",
    "lt": "<",
    "like": "like",
    "ilike": "ilike",
    "match": "~",
    "imatch": "~*",
}
SEARCHES = {
    "fts": "to_tsquery",
    "plfts": "plainto_tsquery",
    "phfts": "phraseto_tsquery",
    "wfts": "websearch_to_tsquery",
}
TRUTHS = {"null": "NULL", "not_null": "NOT NULL", "true": "TRUE", "false": "FALSE", "unknown": "UNKNOWN"}
_UNQUOTED, _INSIDE = re.compile("[^,)]+"), re.compile("[^{}]+")
_OPERATOR = "an operator (eq, gt, ...)"


class Operand(NamedTuple):
    """A value of a filter, and its offsets in the text, without quotes."""

    text: str
    start: int
    end: int


class FilterTerm(Struct, frozen=True, kw_only=True):
    """A filter: a column, perhaps `not`, and an operator, by its word, with its values from `start` of the text on.

    `language` is the configuration of a search, `quantifier` is "any" or "all". `in` has several values, others one.
    """

    field: QueryField
    negated: bool
    operator: str
    values: tuple[Operand, ...]
    start: int
    end: int
    language: str = ""
    quantifier: str = ""


class LogicGroup(Struct, frozen=True, kw_only=True):
    """Filters of which all or any must hold; `word` is "and" or "or"."""

    word: str
    negated: bool
    terms: tuple[LogicTree, ...]


LogicTree = FilterTerm | LogicGroup


class OrderTerm(Struct, frozen=True, kw_only=True):
    """A column to order by, of an embedded table if one is named; with its direction and its nulls, in SQL."""

    field: QueryField
    relation: str = ""
    direction: str = ""
    nulls: str = ""


@lru_cache(maxsize=1024)
def filter_term(column: QueryField, text: str) -> FilterTerm:
    """Read the value of a filter on a column. Raises QueryError."""
    scanner = Scanner(text)
    return _expression(scanner, column, in_logic=False)


def logic_tree(word: str, text: str, *, negated: bool = False) -> LogicGroup:
    """Read the value of the parameter `and` or `or`, which stands in parentheses. Raises QueryError."""
    scanner = Scanner(text)
    terms = _group(scanner)
    return LogicGroup(word=word, negated=negated, terms=terms)


def _group(scanner: Scanner) -> tuple[LogicTree, ...]:
    scanner.blanks()
    scanner.need("(")
    scanner.blanks()
    found = scanner.separated(lambda: _tree(scanner), blanks=True)
    scanner.blanks()
    scanner.need(")", "a comma or )")
    scanner.blanks()
    return tuple(found)


def _tree(scanner: Scanner) -> LogicTree:
    start = scanner.at
    try:
        column = field(scanner)
        scanner.need(".", "delimiter (.)")
        return _expression(scanner, column, in_logic=True)
    except QueryError:
        scanner.at = start
    negated = scanner.take("not.")
    word = "and" if scanner.take("and") else "or" if scanner.take("or") else ""
    if not word or scanner.next() not in {"(", " "}:
        scanner.at = start
        raise scanner.furthest
    return LogicGroup(word=word, negated=negated, terms=_group(scanner))


def _expression(scanner: Scanner, column: QueryField, *, in_logic: bool) -> FilterTerm:
    negated = scanner.take("not.")
    start = scanner.at

    def found(operator: str, *values: Operand, language: str = "", quantifier: str = "") -> FilterTerm:
        return FilterTerm(
            field=column,
            negated=negated,
            operator=operator,
            values=values,
            start=start,
            end=scanner.at,
            language=language,
            quantifier=quantifier,
        )

    if scanner.take("in."):
        return found("in", *_list(scanner))
    if scanner.take("is."):
        return found("is", _truth(scanner))
    if scanner.take("isdistinct."):
        return found("isdistinct", _operand(scanner, in_logic))
    for word in SEARCHES:
        if scanner.take(word):
            language = scanner.attempt(lambda: _in_parentheses(scanner)) or ""
            if scanner.take("."):
                return found(word, _operand(scanner, in_logic), language=language)
            scanner.at = start
    for word in SIMPLE:
        if scanner.take(word):
            if scanner.take("."):
                return found(word, _operand(scanner, in_logic))
            scanner.at = start
    for word in QUANTIFIED:
        if scanner.take(word):
            quantifier = "any" if scanner.take("(any)") else "all" if scanner.take("(all)") else ""
            if scanner.take("."):
                return found(word, _operand(scanner, in_logic), quantifier=quantifier)
            scanner.at = start
    raise scanner.error(_OPERATOR)


def _in_parentheses(scanner: Scanner) -> str:
    scanner.need("(")
    found = identifier(scanner)
    scanner.need(")")
    return found


def _truth(scanner: Scanner) -> Operand:
    start = scanner.at
    rest = scanner.text[start:].lower()
    for word in TRUTHS:
        if rest.startswith(word):
            scanner.at += len(word)
            return Operand(word, start, scanner.at)
    raise scanner.error("null, not_null, true, false or unknown")


def _operand(scanner: Scanner, in_logic: bool) -> Operand:
    start = scanner.at
    if not in_logic:
        scanner.at = len(scanner.text)
        return Operand(scanner.text[start:], start, scanner.at)
    quoted = scanner.attempt(lambda: _quoted(scanner))
    if quoted is not None:
        return quoted
    array = scanner.attempt(lambda: _array(scanner))
    if array is not None:
        return array
    scanner.take_all(_UNQUOTED)
    return Operand(scanner.text[start : scanner.at], start, scanner.at)


def _array(scanner: Scanner) -> Operand:
    start = scanner.at
    scanner.need("{")
    scanner.take_all(_INSIDE)
    scanner.need("}")
    return Operand(scanner.text[start : scanner.at], start, scanner.at)


def _quoted(scanner: Scanner) -> Operand:
    start = scanner.at
    value = quoted_value(scanner)
    if not (scanner.ended or scanner.next() in ",)"):
        raise scanner.error("a comma or )")
    return Operand(value, start + 1, scanner.at - 1)


def _list(scanner: Scanner) -> list[Operand]:
    scanner.blanks()
    scanner.need("(")
    scanner.blanks()

    def one() -> Operand:
        quoted = scanner.attempt(lambda: _quoted(scanner))
        if quoted is not None:
            return quoted
        start = scanner.at
        scanner.take_all(_UNQUOTED)
        return Operand(scanner.text[start : scanner.at], start, scanner.at)

    found = scanner.separated(one)
    scanner.blanks()
    scanner.need(")", "a comma or )")
    scanner.blanks()
    return found


def ordered(text: str) -> list[OrderTerm]:
    """Read the value of `order`. Raises QueryError."""
    scanner = Scanner(text)

    def one() -> OrderTerm:
        scanner.blanks()
        term = scanner.attempt(lambda: _order_of_relation(scanner))
        term = term or _order(scanner, "", field(scanner))
        scanner.blanks()
        return term

    return scanner.separated(one)


def _order_of_relation(scanner: Scanner) -> OrderTerm:
    name = field_name(scanner)
    scanner.need("(")
    column = field(scanner)
    scanner.need(")")
    return _order(scanner, name, column)


def _order(scanner: Scanner, relation: str, column: QueryField) -> OrderTerm:
    direction = "ASC" if scanner.take(".asc") else "DESC" if scanner.take(".desc") else ""
    nulls = "NULLS FIRST" if scanner.take(".nullsfirst") else "NULLS LAST" if scanner.take(".nullslast") else ""
    if not (scanner.ended or scanner.next() == ","):
        raise scanner.error("asc, desc, nullsfirst, nullslast, a comma or the end")
    return OrderTerm(field=column, relation=relation, direction=direction, nulls=nulls)
