"""Compile filters to conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.code.placed_sql import COLUMN, OPERATOR, VALUE, Mark, PlacedSql
from sessionaudit.audits.code.postgrest.filters import QUANTIFIED, SEARCHES, SIMPLE, TRUTHS, FilterTerm
from sessionaudit.audits.code.postgrest.wire_text import HOLE
from sessionaudit.sql.text import identifier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sessionaudit.audits.code.postgrest.filters import LogicTree, Operand
    from sessionaudit.audits.code.postgrest.grammar import QueryField
    from sessionaudit.audits.code.postgrest.query import PlacedFilter
    from sessionaudit.audits.code.postgrest.wire_text import WireText
    from sessionaudit.audits.code.schema_cache.model import CachedColumn, CachedRelation

    # The alias of an embedded table by its name, if there is one of that name.
    Embedded = Callable[[str], str | None]
_JSON = {"json", "jsonb"}
_PATTERNS = {"like", "ilike"}
_TSVECTOR = "tsvector"


def filter_sql(
    sql: PlacedSql,
    filters: Iterable[PlacedFilter],
    relation: CachedRelation | None,
    qualifier: Sequence[str],
    tables: tuple[str, ...],
    embedded: Embedded | None,
    conditions: Iterable[str] = (),
) -> None:
    """Add `where` with the filters on the tables that `tables` name, and with other conditions."""
    word = " where "
    for one in filters:
        if one.tables == tables and readable(one.tree):
            sql.add(word)
            _condition(sql, one.tree, one, relation, qualifier, embedded)
            word = " and "
    for text in conditions:
        sql.add(word).add(text)
        word = " and "


def readable(tree: LogicTree, *, whole: bool = False) -> bool:
    """Whether the code tells the column of a filter; of a group, of some of them, or of the `whole` of it."""
    if isinstance(tree, FilterTerm):
        return tree.field.known and HOLE not in tree.language
    found = (readable(term, whole=whole) for term in tree.terms)
    return all(found) if whole else any(found)


def _condition(
    sql: PlacedSql,
    tree: LogicTree,
    placed: PlacedFilter,
    relation: CachedRelation | None,
    qualifier: Sequence[str],
    embedded: Embedded | None,
) -> None:
    if isinstance(tree, FilterTerm):
        sql.begin(sql.new_atom("true"))
        _term(sql, tree, placed, relation, qualifier, embedded)
        sql.end()
        return
    sql.add("not (" if tree.negated else "(")
    for number, term in enumerate(one for one in tree.terms if readable(one)):
        sql.add(f" {tree.word} " if number else "")
        _condition(sql, term, placed, relation, qualifier, embedded)
    sql.add(")")


def _term(
    sql: PlacedSql,
    term: FilterTerm,
    placed: PlacedFilter,
    relation: CachedRelation | None,
    qualifier: Sequence[str],
    embedded: Embedded | None,
) -> None:
    values = placed.values
    if embedded and _is_null(term) and (alias := embedded(term.field.name)):
        sql.add(f"{identifier(alias)} is {'' if term.negated else 'not '}distinct from null")
        return
    column = relation.columns.get(term.field.name) if relation else None
    sql.add("not " if term.negated else "")
    at = placed.names.span(term.field.start, term.field.end)
    mark = Mark(COLUMN, term.field.name, at, relation, column, placed.optional)
    written = values.covers(term.start)
    operator = mark._replace(
        sort=OPERATOR,
        name=term.operator if written else placed.method or term.operator,
        at=values.span(term.start, term.end) if written else at,
        of=_operand(term, relation, column),
    )
    searching = term.operator in SEARCHES
    if searching and not (column and column.type == _TSVECTOR and not term.field.path):
        sql.add("to_tsvector(", operator)
        _language(sql, term, values)
        field_sql(sql, term.field, relation, qualifier, mark)
        sql.add(")")
    else:
        field_sql(sql, term.field, relation, qualifier, mark)
    if searching:
        sql.add(" ").add("@@", operator).add(f" {SEARCHES[term.operator]}(")
        _language(sql, term, values)
        _value(sql, term.values[0], term, values, relation, mark)
        sql.add(")")
    elif term.operator == "is":
        sql.add(f" is {TRUTHS[term.values[0].text].lower()}")
    elif term.operator == "isdistinct":
        sql.add(" ").add("is distinct from", operator).add(" ")
        _value(sql, term.values[0], term, values, relation, mark)
    elif term.operator == "in":
        _in(sql, term, values, relation, mark, operator)
    else:
        sql.add(" ").add({**SIMPLE, **QUANTIFIED}[term.operator], operator).add(" ")
        sql.add(f"{term.quantifier}(" if term.quantifier else "")
        _value(sql, term.values[0], term, values, relation, mark)
        sql.add(")" if term.quantifier else "")


def _operand(term: FilterTerm, relation: CachedRelation | None, column: CachedColumn | None) -> str:
    """Return what an operator is used on, in words; "" where the type of that is not known."""
    if relation is None or column is None:
        return ""
    path = "".join(f"{step.arrow}{step.key}" for step in term.field.path)
    type_ = column.type
    if path:
        type_ = "text" if term.field.path[-1].arrow == "->>" else column.type if column.json_type in _JSON else "jsonb"
    return f"{'.'.join(relation.path)}.{column.name}{path}, which is of the type {type_}"


def _is_null(term: FilterTerm) -> bool:
    return term.operator == "is" and not term.field.path and term.values[0].text == "null"


def _language(sql: PlacedSql, term: FilterTerm, values: WireText) -> None:
    if term.language:
        at = values.span(term.start, term.end)
        sql.literal(term.language, Mark(VALUE, term.language, at)).add(", ")


def _in(
    sql: PlacedSql, term: FilterTerm, values: WireText, relation: CachedRelation | None, mark: Mark, operator: Mark
) -> None:
    known = [one for one in term.values if HOLE not in one.text]
    if [one.text for one in term.values] == [""]:
        sql.add(" ").add("=", operator).add(" any('{}')")
    elif not known:
        sql.add(" ").add("=", operator).add(" any(").parameter().add(")")
    else:
        sql.add(" ").add("in", operator).add(" (")
        for number, one in enumerate(known):
            sql.add(", " if number else "")
            _value(sql, one, term, values, relation, mark)
        sql.add(")")


def _value(
    sql: PlacedSql,
    operand: Operand,
    term: FilterTerm,
    values: WireText,
    relation: CachedRelation | None,
    of: Mark,
) -> None:
    if HOLE in operand.text:
        sql.parameter()
        return
    text = operand.text.replace("*", "%") if term.operator in _PATTERNS else operand.text
    sql.begin(sql.new_atom("null"))
    column = of.column if not term.field.path else None
    at = values.span(operand.start, max(operand.end, operand.start + 1)) or of.at
    sql.literal(text, Mark(VALUE, operand.text, at, relation, column, of.optional))
    sql.end()


def field_sql(
    sql: PlacedSql, field: QueryField, relation: CachedRelation | None, qualifier: Sequence[str], mark: Mark
) -> None:
    """Add a column, with the path into it."""
    column = relation.columns.get(field.name) if relation else None
    convert = bool(field.path) and (column is None or column.json_type not in _JSON)
    sql.add("to_jsonb(" if convert else "")
    if field.name == "*":
        sql.name(*qualifier).add(".*")
    else:
        sql.name(*qualifier, field.name, mark=mark)
    sql.add(")" if convert else "")
    for step in field.path:
        sql.add(step.arrow).literal(step.key).add("::int" if step.is_index else "")
