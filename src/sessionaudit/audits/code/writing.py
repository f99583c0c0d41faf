"""Compile what a request writes: insert, upsert, update and delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.audits.code.filtering import filter_sql
from sessionaudit.audits.code.literals import put
from sessionaudit.audits.code.model import Action, Fields, Items, possible
from sessionaudit.audits.code.placed_sql import COLUMN, Mark, PlacedSql
from sessionaudit.audits.code.reading_tree import returning

if TYPE_CHECKING:
    from sessionaudit.audits.code.model import NamedValue, Span
    from sessionaudit.audits.code.postgrest.query import ParsedQuery
    from sessionaudit.audits.code.reading_tree import ReadTree
    from sessionaudit.audits.code.schema_cache.model import CachedColumn, CachedRelation

MOST_ROWS = 200


class WrittenRow(NamedTuple):
    """A row that is written: its fields by name, of which the last one counts. It is `open` if there may be more."""

    fields: dict[str, NamedValue]
    open: bool
    at: Span


class RowWrite(NamedTuple):
    """What is written into a relation; `wanted` says that the rows are returned."""

    relation: CachedRelation
    action: Action
    rows: list[WrittenRow]
    query: ParsedQuery
    wanted: bool


def rows_of(payload: Fields | Items) -> list[WrittenRow]:
    """Return the rows of a payload; one that is not known is left out."""
    if isinstance(payload, Fields):
        return [WrittenRow({one.name: one for one in payload.fields}, payload.open, payload.at)]
    found: list[WrittenRow] = []
    for value in payload.values[:MOST_ROWS]:
        one = next(possible(value), None)
        if isinstance(one, Fields):
            found.append(WrittenRow({field.name: field for field in one.fields}, one.open, one.at))
        else:
            found.append(WrittenRow({}, True, value.at))
    return found


def columns_written(written: RowWrite) -> list[CachedColumn]:
    """Return the columns that are named, which the relation has and which are not generated."""
    names = dict.fromkeys(name for row in written.rows for name in row.fields)
    found = (written.relation.columns.get(name) for name in names)
    return [one for one in found if one is not None and not fixed(one, written.action)]


def fixed(column: CachedColumn, action: Action) -> bool:
    """Whether no value can be written into a column, whatever it is."""
    if column.generated:
        return True
    return column.identity == "a" and action is not Action.DELETE


def write_sql(sql: PlacedSql, written: RowWrite, tree: ReadTree, *, missing_default: bool) -> None:
    """Add the statement that writes, without what reads its rows."""
    table = written.relation.path
    columns = columns_written(written)
    if written.action in {Action.INSERT, Action.UPSERT}:
        _insert(sql, written, columns, missing_default)
    elif written.action is Action.DELETE:
        sql.add("delete from ").name(*table)
        filter_sql(sql, written.query.filters, written.relation, table, (), None)
    elif columns:
        sql.add("update ").name(*table).add(" set ")
        row = written.rows[0]
        for number, column in enumerate(columns):
            sql.add(", " if number else "").name(column.name).add(" = ")
            given = row.fields.get(column.name)
            _put(sql, given, column, written.relation)
        filter_sql(sql, written.query.filters, written.relation, table, (), None)
    else:  # PostgREST changes nothing where no column is given
        sql.add("select * from ").name(*table)
        filter_sql(sql, written.query.filters, written.relation, table, (), None)
        return
    if written.wanted:
        returning(sql.add(" returning "), tree)


def _insert(sql: PlacedSql, written: RowWrite, columns: list[CachedColumn], missing_default: bool) -> None:
    sql.add("insert into ").name(*written.relation.path)
    if not columns:
        sql.add(" default values")
    else:
        sql.add(" (")
        for number, column in enumerate(columns):
            sql.add(", " if number else "").name(column.name)
        sql.add(") values ")
        for place, row in enumerate(row for row in written.rows if row.fields):
            sql.add(", (" if place else "(")
            for number, column in enumerate(columns):
                sql.add(", " if number else "")
                given = row.fields.get(column.name)
                if given is None:
                    sql.add("default" if missing_default else "null")
                else:
                    _put(sql, given, column, written.relation)
            sql.add(")")
    if written.action is Action.UPSERT:
        _on_conflict(sql, written, columns)


def _put(sql: PlacedSql, given: NamedValue | None, column: CachedColumn, relation: CachedRelation) -> None:
    value, optional = (given.value, given.optional) if given else (None, False)
    type_, category = column.json_type, column.category
    put(sql, value, category, type_, relation=relation, column=column, optional=optional)


def _on_conflict(sql: PlacedSql, written: RowWrite, columns: list[CachedColumn]) -> None:
    named = written.query.on_conflict
    if named is None:
        if not written.relation.primary_key:
            return
        sql.add(" on conflict (")
        for number, name in enumerate(written.relation.primary_key):
            sql.add(", " if number else "").name(name)
    else:
        if not all(one.known for one in named):
            return
        sql.add(" on conflict (")
        for number, one in enumerate(named):
            sql.add(", " if number else "")
            sql.begin(sql.new_atom(_stand_in(written.relation)))
            at = written.query.on_conflict_text.span(one.start, one.end)
            sql.name(one.name, mark=Mark(COLUMN, one.name, at, written.relation))
            sql.end()
    sql.add(") do nothing" if not columns else ") do update set ")
    for number, column in enumerate(columns):
        sql.add(", " if number else "").name(column.name).add(" = excluded.").name(column.name)


def _stand_in(relation: CachedRelation) -> str:
    return PlacedSql().name(next(iter(relation.columns), "")).text()
